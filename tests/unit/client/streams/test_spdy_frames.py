import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.client.streams import frames as f

names = st.text("abcdefgh-", min_size=1, max_size=12)
headers = st.dictionaries(names, st.text(max_size=40), max_size=6)
ids = st.integers(1, 2**31 - 1)
any_frame = st.one_of(
    st.builds(f.SynStream, ids, headers, st.booleans(), st.booleans()),
    st.builds(f.SynReply, ids, headers, st.booleans()),
    st.builds(f.HeadersFrame, ids, headers, st.booleans()),
    st.builds(f.RstStream, ids, st.integers(1, 7)),
    st.builds(f.Settings, st.dictionaries(st.integers(1, 7), st.integers(0, 2**31), max_size=4)),
    st.builds(f.Ping, st.integers(0, 2**32 - 1)),
    st.builds(f.GoAway, ids, st.integers(0, 3)),
    st.builds(f.WindowUpdate, ids, ids),
    st.builds(f.Data, ids, st.binary(max_size=300), st.booleans()),
)


def test_dictionary_has_the_checksum_that_every_spdy_3_peer_sends():
    assert zlib.adler32(f.DICTIONARY) == 0xE3C6A7C2
    syn = f.FrameEncoder().encode(f.SynStream(1, {"a": "b"}))
    assert syn[20:24] == bytes.fromhex("e3c6a7c2")  # the zlib stream announces its dictionary


@given(st.lists(any_frame, max_size=12), st.integers(1, 50))
def test_frames_survive_the_wire_in_pieces_of_any_size(sent, piece):
    encoder, decoder = f.FrameEncoder(), f.FrameDecoder()
    wire = b"".join(encoder.encode(frame) for frame in sent)
    got = [frame for i in range(0, len(wire), piece) for frame in decoder.feed(wire[i : i + piece])]
    assert got == sent


@given(st.binary(max_size=400))
def test_rubbish_is_refused_or_awaited_but_never_crashes(data):
    decoder = f.FrameDecoder()
    try:
        list(decoder.feed(data))
    except f.ProtocolError:
        pass


def test_header_names_are_lower_case_on_the_wire():
    (frame,) = f.FrameDecoder().feed(f.FrameEncoder().encode(f.SynStream(1, {"streamType": "stdin"})))
    assert frame.headers == {"streamtype": "stdin"}


def test_a_header_bomb_is_refused():
    bomb = f.FrameEncoder().encode(f.SynStream(1, {"a": "x" * (f.MAX_HEADER_BLOCK + 1)}))
    assert len(bomb) < 2000
    with pytest.raises(f.ProtocolError, match="too large"):
        list(f.FrameDecoder().feed(bomb))


def test_unknown_control_frames_are_skipped():
    unknown = bytes.fromhex("8003 0063 00000004 deadbeef".replace(" ", ""))
    assert list(f.FrameDecoder().feed(unknown + f.FrameEncoder().encode(f.Ping(1)))) == [f.Ping(1)]
