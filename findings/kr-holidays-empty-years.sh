#!/usr/bin/env bash
# PyPI kr-holidays 1.0.0: supported years without a holiday.
#
# The package lists 2000 to 2050 as supported years. Its data has no holiday at all for 2000 to 2003
# and from 2028 on, and nothing says so: `is_supported_year` is true, `get_holidays` is empty, and
# Seollal 2029 (13 February, a Tuesday) is a working day. For 2026 and 2027 it lacks 노동절 and 제헌절,
# holidays of public offices since May 2026 (대통령령 제36290호, 법률 제21338호).
#
# Why it matters: an empty year looks like a year without holidays. A table of legal days must say
# where it ends, and a day outside it must be an error. Exits with an error when the behaviour has
# changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check kr-holidays==1.0.0
"$dir/venv/bin/python" - <<'PY'
import sys
from importlib.metadata import version
import kr_holidays as package

print("kr-holidays", version("kr-holidays"))
changed = 0
for year, seen in ((2003, 0), (2024, 19), (2028, 0), (2029, 0), (2050, 0)):
    supported, count = package.is_supported_year(year), len(package.get_holidays(year))
    same = supported and (count == 0) == (seen == 0)
    changed += not same
    print(f"{year}: supported {supported}, {count} holidays{'' if same else ' CHANGED'}")
# Day that is a holiday by law, what the package said when this was written.
for day, seen in (("2029-02-13", True), ("2026-05-01", True), ("2026-07-17", True), ("2025-01-29", False)):
    now = package.is_working_day(day)
    changed += now != seen
    print(f"{day}: working day by the package {now}{'' if now == seen else ' CHANGED'}")
sys.exit(1 if changed else 0)
PY
