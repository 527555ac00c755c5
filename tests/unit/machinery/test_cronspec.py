"""Cron schedules in robfig/cron's dialect."""

from datetime import timedelta

import pytest

from kajitori.machinery.cronspec import CronError, parse


@pytest.mark.parametrize("text", ["* * * * ?", "? * * * *", "*/1 * * * ?", "0 0 ? * 1-5"])
def test_a_question_mark_is_a_star(text):
    assert parse(text) == parse(text.replace("?", "*"))


def test_fields_may_stand_any_white_space_apart():
    assert parse("  1 2 3 4\t5 ") == parse("1 2 3 4 5")


def test_a_star_is_remembered_until_it_is_stepped():
    schedule = parse("? */2 * * 1-5")
    assert schedule.minutes.star
    assert schedule.minutes.values == frozenset(range(60))
    assert not schedule.hours.star
    assert schedule.hours.values == frozenset(range(0, 24, 2))
    assert (schedule.weekdays.values, schedule.weekdays.star) == (frozenset(range(1, 6)), False)


@pytest.mark.parametrize(
    ("text", "days"),
    [("0 0 5-31/5 * *", {5, 10, 15, 20, 25, 30}), ("0 0 28/2 * *", {28, 30}), ("0 0 1,15,3-4 * *", {1, 3, 4, 15})],
)
def test_ranges_steps_and_lists(text, days):
    assert parse(text).days.values == days


def test_months_and_days_have_names_in_any_case():
    schedule = parse("0 0 * jan,Dec MON-fri")
    assert schedule.months.values == {1, 12}
    assert schedule.weekdays.values == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("word", ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"])
def test_words_stand_for_five_fields(word):
    assert parse(word).minutes.values == {0}


def test_every_so_often():
    assert parse("@every 1h30m").every == timedelta(minutes=90)
    assert parse("@every 10ms").every == timedelta(seconds=1)


def test_a_time_zone_in_front():
    assert parse("TZ=UTC 0 0 * * *").zone == "UTC"
    assert parse("CRON_TZ=Asia/Tokyo @daily").zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/2/3 * * * *", "too many slashes: */2/3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("H * * * *", 'failed to parse int from H: strconv.Atoi: parsing "H": invalid syntax'),
        ("*/-1 * * * *", "negative number (-1) not allowed: -1"),
        ("@reboot", "unrecognized descriptor: @reboot"),
        ("@every never", 'failed to parse duration @every never: time: invalid duration "never"'),
        ("TZ=Nowhere/Else 0 0 * * *", "provided bad location Nowhere/Else: unknown time zone Nowhere/Else"),
    ],
)
def test_what_is_wrong_is_told_as_upstream_tells_it(text, message):
    with pytest.raises(CronError) as caught:
        parse(text)
    assert str(caught.value) == message
