#!/usr/bin/env bash
# npm date-holidays 3.37.0: the three days of Seollal are a day late.
#
# The law makes the day before Seollal, Seollal and the day after it public holidays (관공서의 공휴일에
# 관한 규정 제2조제4호). For 2026 these are 16, 17 and 18 February. The package counts its three days
# from Seollal itself: 16 February is a working day, 19 February is a holiday. Its Chuseok is right.
# The package also lacks 노동절 (2026-05-01) and the local elections (2026-06-03).
#
# Why it matters: a deadline that ends on 2026-02-16 would not move, and one that ends on 2026-02-19
# would move by a day. Exits with an error when the behaviour has changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund date-holidays@3.37.0
cat >probe.js <<'JS'
const Holidays = require('date-holidays');
const { version } = require('date-holidays/package.json');
const korea = new Holidays('KR');
const holiday = (day) =>
  [].concat(korea.isHoliday(new Date(`${day}T12:00:00+09:00`)) || []).some((h) => h.type === 'public');
// Day, what the law says, what the package said when this was written.
const days = [
  ['2026-02-16', true, false],
  ['2026-02-17', true, true],
  ['2026-02-18', true, true],
  ['2026-02-19', false, true],
  ['2025-01-31', false, true],
  ['2026-09-24', true, true],
  ['2026-05-01', true, false],
  ['2026-06-03', true, false],
];
console.log(`date-holidays ${version}`);
let changed = 0;
for (const [day, law, seen] of days) {
  const now = holiday(day);
  if (now !== seen) changed += 1;
  const verdict = now === law ? 'right' : 'wrong';
  console.log(`${day}: holiday by law ${law}, by the package ${now} (${verdict})${now === seen ? '' : ' CHANGED'}`);
}
process.exit(changed ? 1 : 0);
JS
node probe.js
