"""Why something is not JSON, compared with what Go's encoding/json says."""

import pytest

from kajitori.machinery.jsonsyntax import lenient, problem

END = "unexpected end of JSON input"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":', END),
        ('{"a" 1}', "invalid character '1' after object key"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("[1,2", END),
        ("nope", "invalid character 'o' in literal null (expecting 'u')"),
        ('{"a":{"b":"x"},}', "invalid character '}' looking for beginning of object key string"),
        ('"x', END),
        ('{"a":"\x01"}', "invalid character '\\x01' in string literal"),
        ('{"a":01}', "invalid character '1' after object key:value pair"),
        ('{"a":1.}', "invalid character '}' after decimal point in numeric literal"),
        ("tru", "invalid character ' ' in literal true (expecting 'e')"),
        ('{"a":"\\x"}', "invalid character 'x' in string escape code"),
        ('{"a":"\\ud800"}', ""),
        ("", END),
        ("   ", END),
        ("{} {}", "invalid character '{' after top-level value"),
        ("{}x", "invalid character 'x' after top-level value"),
        ('{"a":nul}', "invalid character '}' in literal null (expecting 'l')"),
        ('{"a":"b"', END),
        ('{"a":-}', "invalid character '}' in numeric literal"),
        ('{"a":1e}', "invalid character '}' in exponent of numeric literal"),
        ('{"a":1e+}', "invalid character '}' in exponent of numeric literal"),
        ('{"a":"\ttab"}', "invalid character '\\t' in string literal"),
        ('{"a":+1}', "invalid character '+' looking for beginning of value"),
        ('{"a":1 2}', "invalid character '2' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{,}", "invalid character ',' looking for beginning of object key string"),
        ('{"a":"\\u12G4"}', "invalid character 'G' in \\u hexadecimal character escape"),
        ('{"a":é}', "invalid character 'Ã' looking for beginning of value"),
        ("{\"a\":'x'}", "invalid character '\\'' looking for beginning of value"),
        ("-x", "invalid character 'x' in numeric literal"),
        ('{"a":0x1}', "invalid character 'x' after object key:value pair"),
        ('{"a":[{"b":[1,2.5e-3,true,null,"\\u00e9"]},{}],"c":[]}', ""),
        ("[" * 10_001, "invalid character '[' exceeded max depth"),
    ],
)
def test_the_words_are_gos(text, said):
    assert problem(text.encode()) == said


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a":"\\ud800x"}', {"a": "\ufffdx"}),
        (b'{"a":"\xff\xfe"}', {"a": "\ufffd\ufffd"}),
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b"[18446744073709551616]", [1.8446744073709552e19]),
    ],
)
def test_data_that_only_gos_decoder_takes(data, value):
    assert problem(data) == ""
    assert lenient(data) == value


def test_a_number_that_no_float_holds():
    with pytest.raises(ValueError, match="cannot unmarshal number 1e400 into Go value of type float64"):
        lenient(b'{"a":1e400}')
