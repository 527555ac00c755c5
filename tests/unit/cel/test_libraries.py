"""Kubernetes' function libraries."""

import pytest

from kajitori import cel

TRUE = [
    "[1, 2, 2].isSorted() && ![2, 1].isSorted()",
    "[1, 3].sum() == 4 && [1.5, 2.5].sum() == 4.0 && [1, 3].max() == 3 && ['b', 'a'].min() == 'a'",
    "[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(9) == -1",
    "sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])",
    "'abcabc'.find('b.') == 'bc' && 'abcabc'.findAll('b.', 1) == ['bc'] && 'x1y2'.findAll('[0-9]') == ['1', '2']",
    "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && ' a '.trim() == 'a'",
    "'hello'.substring(1, 3) == 'el' && 'hello'.charAt(0) == 'h' && 'hello'.indexOf('l') == 2 && 'aXb'.lowerAscii() == 'axb'",
    "'hello'.replace('l', 'L', 1) == 'heLlo' && 'hello'.lastIndexOf('l') == 3",
    "'%s is %d, %.2f, %x'.format(['a', 3, 1.5, 255]) == 'a is 3, 1.50, ff'",
    "'%s %s'.format([[1, 'a'], {'k': true}]) == '[1, \"a\"] {\"k\":true}'",
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('50k').add(20).compareTo(quantity('50020')) == 0",
    "quantity('1500m').asApproximateFloat() == 1.5 && quantity('3').asInteger() == 3 && !isQuantity('3x')",
    "sign(quantity('-3')) == -1 && quantity('200M').sub(quantity('100M')) == quantity('100M')",
    "ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('10.0.0.256') && !isIP('::ffff:1.2.3.4')",
    "ip.isCanonical('::1') && !ip.isCanonical('0:0:0:0:0:0:0:1') && string(ip('10.0.0.1')) == '10.0.0.1'",
    "ip('8.8.8.8').isGlobalUnicast() && ip('169.254.1.1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast()",
    "cidr('10.0.0.0/8').containsIP('10.9.9.9') && cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))",
    "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').ip() == ip('10.1.2.3')",
    "cidr('10.0.0.0/8').prefixLength() == 8 && !isCIDR('10.0.0.0') && isCIDR('fd00::/8')",
    "url('https://u@a.example:8443/p%20q?x=1&x=2').getHost() == 'a.example:8443'",
    "url('https://a.example:8443/p%20q?x=1').getEscapedPath() == '/p%20q' && url('https://[::1]:80/').getHostname() == '::1'",
    "url('https://a/?x=1&x=2').getQuery()['x'] == ['1', '2'] && url('/p').getScheme() == '' && !isURL('nope')",
    "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc1').isLessThan(semver('1.0.0')) && !isSemver('v1')",
    "semver('v1.0', true) == semver('1.0.0') && semver('1.2.3').major() == 1",
    "format.dns1123Label().validate('A_').hasValue() && !format.dns1123Label().validate('ok').hasValue()",
    "format.named('uuid').hasValue() && !format.named('nope').hasValue()",
    "[3, 1].first().value() == 3 && ![].last().hasValue() && [optional.of(1), optional.none()].unwrapOpt() == [1]",
    "{'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}",
]


@pytest.mark.parametrize("expression", TRUE)
def test_a_library_function_works(expression: str) -> None:
    assert cel.compile(expression, {}).evaluate({}) is True


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'abc'.substring(5)", "index out of range: 5"),
        ("dyn([null]).sum()", "no such overload"),
        ("dyn([1, dyn(2u)]).sum()", "no such overload"),
        ("'%d'.format([dyn('a')])", "decimal clause can only be used on numbers"),
        ("sign(quantity('x'))", "quantities must match the regular expression"),
        ("'a'.matches('[' + 'a')", "error parsing regexp"),
    ],
)
def test_a_library_function_fails_with_words(expression: str, message: str) -> None:
    with pytest.raises(cel.EvaluationError, match=message.replace("[", r"\[")):
        cel.compile(expression, {}).evaluate({})
