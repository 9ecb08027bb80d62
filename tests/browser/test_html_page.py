"""The HTML report in a real browser: what it shows, what it never does, and who can use it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from reports import story
from tests.reports import samples

if TYPE_CHECKING:
    from tests.browser.chromium import Tab

SHOWN = "Array.from(document.querySelectorAll('.result')).filter(r => !r.hidden).map(r => r.dataset.status).join()"
AXE = """axe.run(document, {resultTypes: ['violations']}).then(
  found => found.violations.map(violation => [violation.id, violation.nodes.map(node => node.html)]))"""


def _media(tab: Tab, scheme: str = "light", media: str = "screen", width: int = 1280) -> None:
    tab.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


@pytest.mark.parametrize("name", [*samples.ALL, "hostile"])
def test_the_page_loads_without_a_complaint_and_without_another_request(
    tab: Tab, pages: dict[str, str], name: str
) -> None:
    tab.open(pages[name])
    asked = [event["request"]["url"] for event in tab.seen("Network.requestWillBeSent")]
    assert [address for address in asked if address != "about:blank"] == [pages[name]]
    assert tab.seen("Runtime.exceptionThrown") == []
    assert tab.seen("Log.entryAdded") == []
    assert tab.seen("Runtime.consoleAPICalled") == []
    assert tab.seen("Page.javascriptDialogOpening") == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 420), ("dark", 420)])
@pytest.mark.parametrize("name", ["broken", "hostile", "crashing", "empty"])
def test_axe_finds_nothing(  # noqa: PLR0917 - fixtures and parameters
    tab: Tab, pages: dict[str, str], axe: str, name: str, scheme: str, width: int
) -> None:
    tab.call("Page.setBypassCSP", enabled=True)  # axe itself writes styles into the page
    _media(tab, scheme, width=width)
    tab.open(pages[name])
    tab.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.run(axe + ";0")
    assert tab.run(AXE) == []


def test_the_policy_stops_what_a_page_could_try(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"])
    tab.run(
        """(() => {
          window.evil = 0;
          const script = document.createElement('script'); script.textContent = 'window.evil = 1';
          document.body.append(script);
          const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png';
          document.body.append(image);
          const button = document.createElement('button'); button.setAttribute('onclick', 'window.evil = 2');
          document.body.append(button); button.click();
        })()"""
    )
    assert tab.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')") == "stopped"
    assert tab.run("window.evil") == 0
    said = " ".join(entry["entry"]["text"] for entry in tab.seen("Log.entryAdded"))
    assert said.count("Content Security Policy") >= 3


def test_the_first_screen_says_it_all(tab: Tab, pages: dict[str, str]) -> None:
    _media(tab)
    tab.open(pages["broken"])
    places = tab.run(
        """['.verdict h2', '.root', '.verdict .command', '.verdict dd', '.verdict .picture.wide'].map(
          s => document.querySelector(s).getBoundingClientRect().bottom)"""
    )
    assert all(0 < place <= 900 for place in places)


@pytest.mark.parametrize("width", [320, 420, 700, 1280])
@pytest.mark.parametrize("name", ["broken", "hostile", "undecided"])
def test_nothing_sticks_out_at_the_side(tab: Tab, pages: dict[str, str], name: str, width: int) -> None:
    _media(tab, width=width)
    tab.open(pages[name])
    tab.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert tab.run("document.documentElement.scrollWidth") <= width


def test_filters_live_in_the_address(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"])
    assert tab.run(SHOWN).count(",") == 6
    tab.run("document.querySelector('[data-show=fail]').click()")
    assert tab.run(SHOWN) == "fail,fail"
    assert tab.run("location.hash") == "#show=fail"
    tab.run("document.querySelector('[data-show=unknown]').click()")
    assert tab.run("location.hash") == "#show=fail,unknown"
    assert tab.run(SHOWN) == "fail,fail,unknown"
    assert tab.run("document.getElementById('shown').textContent") == "3 of 7 shown"
    tab.run("document.getElementById('all').click()")
    assert tab.run(SHOWN).count(",") == 6


def test_an_address_with_a_filter_opens_filtered(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"] + "#show=pass,fail&find=OWNER")
    assert tab.run(SHOWN) == "fail"
    assert tab.run("document.getElementById('find').value") == "OWNER"
    assert tab.run("document.querySelector('[data-show=pass]').getAttribute('aria-pressed')") == "true"
    assert tab.run("Array.from(document.querySelectorAll('.group')).filter(g => !g.hidden).length") == 1


@pytest.mark.parametrize("fragment", ["#show=", "#find=%", "#%E0%A4%A", "#show=constructor", "#nothing-here", "#"])
def test_an_odd_address_does_no_harm(tab: Tab, pages: dict[str, str], fragment: str) -> None:
    tab.open(pages["broken"] + fragment)
    assert tab.seen("Runtime.exceptionThrown") == []
    assert tab.run("document.querySelector('#filters').hidden") is False


def test_a_deep_link_opens_its_result_and_moves_there(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"] + "#check-token")
    assert tab.run("document.getElementById('check-token').open") is True
    assert tab.run("document.activeElement.id") == "check-token"
    tab.run("location.hash = '#check-downstream-access-search-conn'")
    tab.run("new Promise(done => setTimeout(done, 50))")
    assert tab.run("document.activeElement.id") == "check-downstream-access-search-conn"


def test_the_keyboard_alone_suffices(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"])
    tab.press("Tab")
    assert tab.run("document.activeElement.textContent") == "Skip to the verdict"
    visited = []
    for _ in range(80):
        tab.press("Tab")
        visited.append(
            tab.run(
                "(e => e.dataset.show || e.getAttribute('aria-label') || e.id || e.tagName)(document.activeElement)"
            )
        )
    assert f"Copy Command: {samples.GRANT_FIX.title}" in visited
    assert {"pass", "warn", "fail", "unknown", "skip", "find", "all", "SUMMARY"} <= set(visited)
    tab.run("document.querySelector('[data-show=unknown]').focus()")
    tab.press("Enter")
    assert tab.run(SHOWN) == "unknown"
    tab.run("document.querySelector('#all').focus()")
    tab.press(" ")
    tab.run("document.querySelector('#check-token summary').focus()")
    tab.press("Enter")
    assert tab.run("document.getElementById('check-token').open") is True


def test_a_copy_button_copies_the_whole_command(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"])
    tab.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.call("Page.bringToFront")
    tab.run("document.querySelector('.copy').click()")
    tab.run("new Promise(done => setTimeout(done, 200))")
    assert tab.run("document.querySelector('.copy').textContent") == "Copied"
    assert tab.run("navigator.clipboard.readText()") == samples.GRANT_FIX.command


def test_without_javascript_everything_is_there_and_nothing_is_dead(tab: Tab, pages: dict[str, str]) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(pages["broken"])
    tree = tab.call("DOMSnapshot.captureSnapshot", computedStyles=["display"])
    texts = tree["strings"]
    assert all(any(part in text for text in texts) for part in story.options(samples.GRANT_FIX.command))
    assert not any(text.startswith("Copy") for text in texts)
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    filters = tab.call("DOM.querySelector", nodeId=root, selector="#filters")["nodeId"]
    with pytest.raises(RuntimeError, match="Could not compute box model"):
        tab.call("DOM.getBoxModel", nodeId=filters)
    folded = tab.call("DOM.querySelector", nodeId=root, selector="#check-token summary")["nodeId"]
    tab.call("DOM.focus", nodeId=folded)
    tab.press("Enter")
    opened = tab.call("DOM.querySelector", nodeId=root, selector="#check-token[open]")["nodeId"]
    assert opened != 0


def test_on_paper_nothing_is_folded_and_nothing_is_a_button(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["broken"])
    paper = base64.b64decode(tab.call("Page.printToPDF", printBackground=True)["data"])
    assert paper.startswith(b"%PDF")
    tab.run("window.dispatchEvent(new Event('beforeprint'))")
    assert tab.run("document.querySelectorAll('details:not([open])').length") == 0
    tab.run("window.dispatchEvent(new Event('afterprint'))")
    assert tab.run("document.querySelector('#check-token').open") is False
    _media(tab, "dark", "print")
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    hidden = "['nav', '.copy', '#filters'].map(s => getComputedStyle(document.querySelector(s)).display).join()"
    assert tab.run(hidden) == "none,none,none"


def test_dark_and_light_follow_the_system(tab: Tab, pages: dict[str, str]) -> None:
    colours = []
    for scheme in ("light", "dark"):
        _media(tab, scheme)
        tab.open(pages["broken"])
        colours.append(tab.run("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(21, 24, 28)"]


def test_the_picture_that_fits_is_the_one_that_is_shown(tab: Tab, pages: dict[str, str]) -> None:
    visible = """['wide', 'narrow'].map(
      name => document.querySelector('.verdict .picture.' + name).getBoundingClientRect().width > 0)"""
    for width, expected in ((1280, [True, False]), (500, [False, True])):
        _media(tab, width=width)
        tab.open(pages["broken"])
        assert tab.run(visible) == expected


def test_hostile_names_run_nothing_and_stay_readable(tab: Tab, pages: dict[str, str]) -> None:
    tab.open(pages["hostile"])
    assert tab.run("document.scripts.length") == 2
    assert tab.run("document.images.length") == 0
    assert "<script>alert(1)</script>" in tab.run("document.querySelector('h1').textContent")
    assert (
        tab.run("JSON.parse(document.getElementById('agentdoctor-report').textContent).schema")
        == "agentdoctor/report/1"
    )
