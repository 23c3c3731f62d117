"""Which images report the reading of a message."""

import pytest

from mailbox.mime.trackers import is_known_tracker, is_pixel


@pytest.mark.parametrize(
    "attributes",
    [
        {"width": "1", "height": "1"},
        {"width": "1px", "height": "2.0"},
        {"width": "600", "height": "0"},
        {"style": "WIDTH: 1px; height:1px !important"},
        {"style": "max-height:0"},
        {"width": "600", "height": "400", "style": "display : none"},
        {"style": "visibility:hidden"},
        {"style": "color:red;opacity:0"},
        {"style": "opacity:0.0;"},
        {"hidden": ""},
        {"class": " ", "style": "display:none"},
        {"class": "phone", "style": "display:none;width:1px;height:1px"},
        {"id": "phone", "style": "display:none;max-height:0"},
    ],
)
def test_nobody_sees_it(attributes):
    assert is_pixel(attributes)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"width": "1"},
        {"height": "2"},
        {"width": "600", "height": "1"},
        {"width": "100%", "height": "auto"},
        {"style": "display:block;opacity:0.5"},
        {"class": "phone", "style": "display:none", "width": "320"},
        {"id": "phone", "hidden": "", "style": "visibility:hidden"},
        {"style": "line-height:0;min-width:0"},
        {"width": "x" * 100_000, "style": " " * 100_000},
    ],
)
def test_somebody_may_see_it(attributes):
    assert not is_pixel(attributes)


@pytest.mark.parametrize(
    "address",
    [
        "https://x.us1.list-manage.com/track/open.php?u=1",
        "https://u1.ct.sendgrid.net/wf/open?upn=a",
        "https://click.far.test/open.aspx?x=1",
        "https://r20.rs6.net/on.jsp?ca=1",
        "https://www.facebook.com/tr?id=1",
        "https://a1.awstrack.me/I0/0100/1",
        "https://www.google-analytics.com/collect?v=1",
        "https://pixel.mailtrack.io/x",
    ],
)
def test_the_address_is_known(address):
    assert is_known_tracker(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://far.test/travel.png",
        "https://far.test/tr?id=1",
        "https://notfacebook.com/tr?id=1",
        "https://far.test/track/open",
        "https://[/",
    ],
)
def test_any_other_address_is_not(address):
    assert not is_known_tracker(address)
