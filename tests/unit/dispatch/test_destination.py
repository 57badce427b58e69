"""Where webhooks may go: nothing on the inside, however it is spelt."""

from dataclasses import replace

import pytest

from portrait.channels import Deferred, Refused
from portrait.channels.destination import (
    Destination,
    ForbiddenDestination,
    UnresolvedDestination,
    is_public,
    look_up,
    private_hosts,
    resolve,
)
from tests.unit.dispatch.desks import ALERT, NOW, a_webhook_channel, an_outgoing

NAMES = {
    "hooks.example.com": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "xn--bcher-kva.example": ["93.184.215.14"],
    "inside.example.com": ["10.0.0.7"],
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "half-inside.example.com": ["93.184.215.14", "192.168.1.1"],
    "mapped.example.com": ["::ffff:169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "till.shop.internal": ["10.1.2.3"],
    "nowhere.example.com": [],
}


def resolver(host: str, port: int) -> list[str]:
    return NAMES[host] if host in NAMES else look_up(host, port)


def go(url: str, *private: str) -> Destination:
    return resolve(url, private_hosts=frozenset(private), resolver=resolver)


HOSTILE = [
    # not https
    "http://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/_x",
    "ftp://hooks.example.com/",
    "//hooks.example.com/",
    "hooks.example.com",
    "javascript:alert(1)",
    "",
    # loopback and this host, as people spell it
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://0.0.0.0/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://127.0.0.1.nip.io/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    # an inside address in an outside one
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[2001:0:7f00:1::]/",
    # private, shared, link-local, reserved
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://198.18.0.1/",
    "https://192.0.0.170/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://[ff02::1]/",
    # names that lead inside
    "https://inside.example.com/",
    "https://half-inside.example.com/",
    "https://mapped.example.com/",
    "https://metadata.google.internal/computeMetadata/v1/",
    # other ports, credentials, and addresses that two readers read differently
    "https://hooks.example.com:22/",
    "https://hooks.example.com:8443/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:4 43/",
    "https://user@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com\\.evil.example/",
    "https://hooks.example.com\t/",
    "https://hooks.example.com/\r\nX-Injected: 1",
    "https://hooks.example.com/ HTTP/1.1\r\nHost: x",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/a\\b",
    "https://hooks.example.com/å",
    "https://hooks%2eexample.com/",
    "https://%31%32%37.0.0.1/",
    "https:///path",
    "https://[::1",
    "https://a..example.com/",
    "https://" + "a" * 64 + ".example.com/",
]


def call(url: str):
    channel = a_webhook_channel(lambda: NOW, resolver=resolver)
    return channel.compose(an_outgoing(replace(ALERT, url=url, body="{}")))()


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_anything_is_connected_to(url):
    with pytest.raises(ForbiddenDestination):
        go(url)

    assert isinstance(call(url), Refused)


def test_a_public_address_is_pinned_to_what_was_looked_up():
    assert go("https://hooks.example.com/orders?x=1#part") == Destination(
        "hooks.example.com", 443, "/orders?x=1", tuple(NAMES["hooks.example.com"])
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Hooks.Example.com", "hooks.example.com"),
        ("https://hooks.example.com.:443/", "hooks.example.com"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_a_host_has_one_form(url, host):
    destination = go(url)

    assert (destination.host, destination.authority) == (host, host)


@pytest.mark.parametrize("listed", ["till.shop.internal", "till.shop.internal:8443"])
def test_an_own_system_may_lie_inside_and_on_another_port(listed):
    destination = go("https://till.shop.internal:8443/", listed)

    assert destination.addresses == ("10.1.2.3",)
    assert destination.authority == "till.shop.internal:8443"


@pytest.mark.parametrize(
    "url",
    [
        "https://till.shop.internal:8444/",
        "https://till.shop.internal.evil.example/",
        "https://inside.example.com/",
        "http://till.shop.internal:8443/",
    ],
)
def test_listing_one_system_opens_no_other(url):
    with pytest.raises((ForbiddenDestination, UnresolvedDestination)):
        go(url, "till.shop.internal:8443")


def test_a_name_without_an_answer_is_tried_again_later():
    assert call("https://nowhere.example.com/") == Deferred("unresolved", 5_000, counts=True)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800::1", "64:ff9b::5db8:d70e", "8.8.8.8"]
)
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ["", "x", "999.1.1.1", "1.2.3"])
def test_what_is_no_address_is_not_public(address):
    assert not is_public(address)


def test_the_list_of_own_systems_is_comma_separated():
    assert private_hosts(" a.internal, B.internal:8443 ,,") == {"a.internal", "b.internal:8443"}
