"""Reads the demo's calendars with another library than what wrote them: read_calendar.py BASE-URL

Holds /timeline.ics and an address of /calendars, in Korean and in English, against what /timeline
says. The token of an admin stands in MOU_TOKEN.
"""

import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

from icalendar import Calendar

STATUS = {"met": "CONFIRMED", "met_late": "CONFIRMED", "cancelled": "CANCELLED", "unknown": "TENTATIVE"}
# Commas, semicolons, backslashes, quotes and line ends; and long enough to be folded within a character.
NASTY = "쉼표, 세미콜론; 역사선\\n \"따옴표\": 😀" + "가나다" * 40
# Wording can have several lines.
NASTY_WORDING = f"{NASTY}\n둘째 줄"


class Registry:
    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token

    def ask(self, path: str, body: dict | None = None, with_token: bool = True) -> bytes:
        headers = {"Content-Type": "application/json"}
        if with_token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}{path}", data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def post(self, path: str, body: dict) -> dict:
        return json.loads(self.ask(f"/api/v1{path}", body))

    def timeline(self, query: str) -> dict[str, dict]:
        items, cursor = [], ""
        while cursor is not None:
            page = json.loads(self.ask(f"/api/v1/timeline?limit=50{query}{cursor and '&cursor='}{cursor}"))
            items, cursor = items + page["items"], page["next_cursor"]
        return {f"{item['type']}-{item['id']}@mou-registry": item for item in items}


def parse(text: bytes) -> Calendar:
    lines = text.split(b"\r\n")
    assert lines.pop() == b"", "the last line has an end"
    for line in lines:
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line, line
        line.decode()  # no character is cut
    calendar = Calendar.from_ical(text)
    for component in calendar.walk():
        assert not component.errors, component.errors
    # What the library writes of it reads the same.
    assert Calendar.from_ical(calendar.to_ical()) == calendar
    assert calendar["VERSION"] == "2.0" and calendar["METHOD"] == "PUBLISH"
    assert calendar["REFRESH-INTERVAL"].dt == datetime.timedelta(hours=1)
    return calendar


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def hold(calendar: Calendar, items: dict[str, dict], lang: str) -> int:
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert len(events) == len(calendar.walk("VEVENT")), "a UID stands twice"
    dated = {uid for uid, item in items.items() if item["when"]}
    assert set(events) == dated, set(events) ^ dated
    assert int(calendar["X-MOU-UNDATED"]) == len(items) - len(dated)
    assert int(calendar["X-MOU-OLDER"]) == 0
    for uid, event in events.items():
        item, when = items[uid], items[uid]["when"]
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        assert type(start) is type(end) is datetime.date, "whole days"
        assert start == day(when["earliest"] or when["latest"]), (start, when)
        assert end == day(when["latest"] or when["earliest"]) + datetime.timedelta(days=1), (end, when)
        certain = "/" not in when["edtf"] and when["precision"] == "day" and not when["approximate"]
        agreed = "CONFIRMED" if certain and item["type"] != "milestone" else "TENTATIVE"
        assert event["STATUS"] == STATUS.get(item["status"], agreed), (event["STATUS"], item)
        title = item["title"][lang] or item["title"]["ko"] or item["title"]["en"]
        # Line ends are one character, whatever they were.
        assert title.replace("\r\n", "\n") in event["DESCRIPTION"], (title, event["DESCRIPTION"])
        if when["as_stated"]:
            assert when["as_stated"] in event["DESCRIPTION"], event["DESCRIPTION"]
        assert int(event["SEQUENCE"]) > 0 and event["TRANSP"] == "TRANSPARENT"
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt <= datetime.datetime.now(datetime.UTC)
    return len(events)


def gone(registry: Registry, address: str) -> bool:
    try:
        registry.ask(address, with_token=False)
    except urllib.error.HTTPError as error:
        return error.code == 404
    return False


def main(base: str, token: str) -> None:
    registry = Registry(base, token)
    city = next(iter(registry.timeline("&types=milestone").values()))["municipality"]["id"]
    project = registry.post("/projects", {
        "municipality_id": city, "kind": "other", "title": {"ko": NASTY},
        "milestones": [{"kind": "other", "title": {"en": NASTY}, "forecasts": [
            {"target": {"edtf": "2030-Q1~", "as_stated": NASTY_WORDING}, "stated_on": {"edtf": "2024-01-01"}}]}]})
    milestone = project["milestones"][0]["id"]
    counted = 0
    for lang in ("ko", "en"):
        for query in ("", "&as_of=2021-12-31", "&types=milestone,meeting&from=2022-01-01", "&to=1900-01-01"):
            items = registry.timeline(query)
            counted += hold(parse(registry.ask(f"/api/v1/timeline.ics?lang={lang}{query}")), items, lang)
        made = registry.post("/calendars", {"name": NASTY, "lang": lang})
        text = registry.ask(made["address"], with_token=False)
        counted += hold(parse(text), registry.timeline(""), lang)
        # The library does not know by itself that a name is a text.
        named = Calendar.from_ical(text.replace(b"NAME:", b"NAME;VALUE=TEXT:"))
        assert named["NAME"] == named["X-WR-CALNAME"] == NASTY, named["NAME"]
        registry.post(f"/calendars/{made['id']}/revocation", {})
        assert gone(registry, made["address"]), "a calendar that is revoked is gone"

    def event() -> dict:
        calendar = parse(registry.ask("/api/v1/timeline.ics"))
        return next(e for e in calendar.walk("VEVENT") if e["UID"] == f"milestone-{milestone}@mou-registry")

    before = event()
    registry.post(f"/milestones/{milestone}/outcomes", {"kind": "cancelled", "on": {"edtf": "2025-01-01"}})
    after = event()
    assert after["STATUS"] == "CANCELLED" and int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    print(f"icalendar reads {counted} events as the timeline says, in Korean and in English")


if __name__ == "__main__":
    main(sys.argv[1], os.environ["MOU_TOKEN"])
