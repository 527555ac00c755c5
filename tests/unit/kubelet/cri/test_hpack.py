from __future__ import annotations

import pytest

from kajitori.kubelet.cri.hpack import Decoder, HeaderError, encode, huffman_decode

# RFC 7541, appendix C.6: three responses on one connection, Huffman-coded, with evictions from a 256-byte table.
RESPONSES = [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672"
    "c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
]


def test_decodes_the_rfcs_own_example() -> None:
    decoder = Decoder(256)
    decoded = [dict(decoder.decode(bytes.fromhex(r))) for r in RESPONSES]
    assert [d[":status"] for d in decoded] == ["302", "307", "200"]
    assert decoded[1]["location"] == "https://www.example.com"
    assert decoded[2]["set-cookie"] == "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"


def test_what_we_encode_is_decoded_again() -> None:
    headers = [(":path", "/runtime.v1.RuntimeService/Version"), ("x", "y" * 300)]
    assert Decoder().decode(encode(headers)) == headers


def test_huffman_text() -> None:
    assert huffman_decode(bytes.fromhex("f1e3c2e5f23a6ba0ab90f4ff")) == b"www.example.com"


@pytest.mark.parametrize("block", ["80", "ff", "40", "4882", "3fffffffffff7f"])
def test_broken_blocks_are_refused(block: str) -> None:
    with pytest.raises(HeaderError):
        Decoder().decode(bytes.fromhex(block))
