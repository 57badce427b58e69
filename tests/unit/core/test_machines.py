"""Machines on the way to a person are told from persons, by what a request says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait.machines import TOO_SOON_MS, is_prefetch, machine

SENT = 1_767_261_300_000
PEOPLE = {
    "Chrome": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Safari": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Edge": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "a Cubot": "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/131.0 "
    "Mobile Safari/537.36",
    "Samsung": "Mozilla/5.0 (Linux; Android 14; SM-S918B) SamsungBrowser/27.0 Chrome/125.0 Mobile",
}
READERS = {
    "Outlook": "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; ms-office; MSOffice 16)",
    "Gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 "
    "(via ggpht.com GoogleImageProxy)",
    "Yahoo": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Thunderbird": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5",
    "nothing": "",
}
GMAIL_PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
MACHINES = {
    "Barracuda": ("Mozilla/5.0 (compatible; Barracuda Sentinel; EE)", "scanner"),
    "Proofpoint": ("Proofpoint/1.0 URL defense", "scanner"),
    "Mimecast": ("Mimecast URL Protect", "scanner"),
    "Cisco": ("CiscoSecureEmail/15", "scanner"),
    "Trend Micro": ("TMES", "scanner"),
    "Google": ("Mozilla/5.0 (compatible; Googlebot/2.1)", "bot"),
    "Slack": ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "bot"),
    "Bing": ("Mozilla/5.0 (Windows NT 6.1) BingPreview/1.0b", "bot"),
    "Facebook": ("facebookexternalhit/1.1", "bot"),
    "a spider": ("Mozilla/5.0 Baiduspider/2.0", "bot"),
    "headless": ("Mozilla/5.0 (X11) AppleWebKit HeadlessChrome/131.0 Safari/537.36", "bot"),
    "curl": ("curl/8.5.0", "bot"),
    "Java": ("Java/17.0.1", "bot"),
    "Gmail looking ahead": (GMAIL_PREFETCH, "gmail_prefetch"),
}


@pytest.mark.parametrize("agent", PEOPLE.values(), ids=PEOPLE)
@pytest.mark.parametrize("act", ["open", "click"])
def test_browsers_are_people(act, agent):
    assert machine(act, user_agent=agent, address="198.51.100.7") is None


@pytest.mark.parametrize("agent", READERS.values(), ids=READERS)
def test_what_shows_pictures_to_people_opens_for_them(agent):
    assert machine("open", user_agent=agent) is None


@pytest.mark.parametrize("reader", ["Outlook", "Gmail", "Yahoo", "nothing"])
def test_what_shows_pictures_follows_no_links(reader):
    assert machine("click", user_agent=READERS[reader]) == "no_browser"


@pytest.mark.parametrize(("agent", "reason"), MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize("act", ["open", "click"])
def test_machines_that_say_so_are_machines(act, agent, reason):
    assert machine(act, user_agent=agent) == reason
    assert machine(act, user_agent=agent.upper()) == reason


def test_apple_fetches_pictures_as_a_bare_mozilla_or_from_its_own_network():
    assert machine("open", user_agent="Mozilla/5.0") == "apple_privacy"
    assert machine("open", user_agent=PEOPLE["Safari"], address="17.58.1.2") == "apple_privacy"
    assert machine("open", user_agent=PEOPLE["Safari"], address="171.58.1.2") is None
    assert machine("click", user_agent=PEOPLE["Safari"], address="17.58.1.2") is None
    assert machine("click", user_agent="Mozilla/5.0") == "no_browser"


@pytest.mark.parametrize(
    ("after", "reason"),
    [(-60_000, "too_soon"), (0, "too_soon"), (TOO_SOON_MS - 1, "too_soon"), (TOO_SOON_MS, None)],
)
def test_nobody_reads_within_three_seconds(after, reason):
    found = machine("click", user_agent=PEOPLE["Chrome"], sent_at=SENT, at=SENT + after)

    assert found == reason


def test_what_nobody_told_of_says_nothing():
    assert machine("click", user_agent=None) is None
    assert machine("click", user_agent=None, sent_at=SENT) is None
    assert machine("open", user_agent=None, at=SENT) is None


@pytest.mark.parametrize(
    ("headers", "ahead"),
    [
        ({}, False),
        ({"sec-purpose": "prefetch;anonymous-client-ip"}, True),
        ({"purpose": "Prefetch"}, True),
        ({"x-purpose": "preview"}, True),
        ({"x-moz": "prefetch"}, True),
        ({"sec-fetch-dest": "document", "referer": "https://x.example/prefetch"}, False),
    ],
)
def test_a_browser_that_looks_ahead_says_so(headers, ahead):
    assert is_prefetch(headers) is ahead


@given(st.sampled_from(["open", "click"]), st.none() | st.text(), st.text(), st.integers())
def test_nothing_a_request_says_makes_it_fail(act, agent, address, at):
    found = machine(act, user_agent=agent, address=address, sent_at=0, at=at)
    assert found is None or isinstance(found, str)
