// The public pages of the demonstration: one of each kind, and the kinds of answers.
"use strict";

const first = async (base, path) => {
  const answer = await fetch(new URL(`/api/v1/${path}`, base));
  const { items } = await answer.json();
  if (!items?.length) throw new Error(`${path} has no record`);
  return items[0].id;
};

module.exports = async (base) => {
  const agreement = await first(base, "agreements?signed_from=2021-04-01&signed_to=2021-04-30");
  const project = await first(base, "projects");
  const group = await first(base, "working-groups");
  const announcement = await first(base, "announcements");
  const partner = await first(base, "associations?q=바이오의약품");
  const city = await first(base, "municipalities?q=고양시");
  return [
    { name: "start", path: "/" },
    { name: "start-past", path: "/?as_of=2023-02-28" },
    { name: "search", path: "/find" },
    { name: "search-found", path: "/find?q=바이오" },
    { name: "search-nothing", path: "/find?q=zzzz" },
    { name: "agreements", path: "/agreements" },
    { name: "agreements-none", path: "/agreements?q=zzzz" },
    { name: "agreement", path: `/agreements/${agreement}` },
    { name: "agreement-compared", path: `/agreements/${agreement}?compare=2021-12-31` },
    { name: "agreement-past", path: `/agreements/${agreement}?as_of=2021-12-31` },
    { name: "projects", path: "/projects" },
    { name: "project", path: `/projects/${project}` },
    { name: "working-groups", path: "/working-groups" },
    { name: "working-group", path: `/working-groups/${group}` },
    { name: "announcements", path: "/announcements" },
    { name: "announcement", path: `/announcements/${announcement}` },
    { name: "reconciliation", path: "/reconciliation" },
    { name: "timeline", path: "/timeline" },
    { name: "timeline-decade", path: "/timeline?from=2020-01-01&to=2029-12-31" },
    { name: "timeline-year", path: "/timeline?from=2021-01-01&to=2021-12-31" },
    { name: "timeline-month", path: "/timeline?from=2021-04-01&to=2021-04-30" },
    { name: "municipality", path: `/municipalities/${city}` },
    { name: "organization", path: `/organizations/${partner}` },
    { name: "not-found", path: "/nowhere", status: 404 },
    { name: "refused", path: "/agreements?kind=x", status: 400 },
  ];
};
