#!/usr/bin/env bash
# PyPI workalendar 17.0.0: South Korea's lunar holidays follow the Chinese calendar.
#
# The new moon of February 2027 falls on 6 February in China and on 7 February in Korea. Seollal 2027
# is 7 February by Korean law (음력 1월 1일; 월력요항 2027), with 6 and 8 February as holidays and
# 9 February as substitute. The package has 5, 6 and 7 February, and calls Monday 8 February a working
# day. In 2012 it puts Buddha's Birthday on 28 April; it was 28 May, because Korea's leap month was the
# third month. The package knows no substitute holidays at all.
#
# Why it matters: a working day counted from 2027-02-04 would be a holiday. Exits with an error when
# the behaviour has changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
    workalendar==17.0.0 lunardate==0.3.0 convertdate==2.5.1 pyluach==2.3.0
"$dir/venv/bin/python" - <<'PY'
import sys
from datetime import date
from importlib.metadata import version
from workalendar.asia import SouthKorea

korea = SouthKorea()
# Day, whether the law makes it a holiday, what the package said when this was written.
days = [
    (date(2027, 2, 5), False, True),
    (date(2027, 2, 7), True, True),
    (date(2027, 2, 8), True, False),
    (date(2027, 2, 9), True, False),
    (date(2012, 4, 28), False, True),
    (date(2012, 5, 28), True, False),
    (date(2026, 3, 2), True, False),
]
print("workalendar", version("workalendar"))
changed = 0
for day, law, seen in days:
    now = korea.is_holiday(day)
    changed += now != seen
    verdict = "right" if now == law else "wrong"
    print(f"{day}: holiday by law {law}, by the package {now} ({verdict}){'' if now == seen else ' CHANGED'}")
first = korea.add_working_days(date(2027, 2, 4), 1)
print(f"first working day after 2027-02-04: by law 2027-02-05, by the package {first}")
changed += first != date(2027, 2, 8)
sys.exit(1 if changed else 0)
PY
