-- +goose Up
-- The ledger by the hour: how many events each hour holds, and a number that
-- grows with every change of the ledger. Whoever derives something from events
-- derives the hours anew whose number is above the one they have seen.
create table usage_hours (
  hour   integer not null primary key, -- since 1970, UTC
  events integer not null,
  change integer not null
) strict;

create index usage_hours_by_change on usage_hours (change);

insert into usage_hours (hour, events, change)
select hour, count(*), row_number() over (order by hour) from usage_events group by hour;

-- What retention has taken away: events before this moment are gone, and what
-- was derived from them can't be computed again.
create table usage_horizon (
  only   integer not null primary key check (only = 1),
  before integer not null
) strict;

-- Everything that was received, and what became of it, by UTC day of receipt and type.
-- received = accepted + duplicate + conflict + invalid + quarantined, in every row.
create table usage_receipts (
  day         integer not null, -- since 1970, UTC
  type        text    not null, -- of the catalogue; empty: unknown or unreadable
  accepted    integer not null default 0,
  duplicate   integer not null default 0,
  conflict    integer not null default 0,
  invalid     integer not null default 0,
  quarantined integer not null default 0,
  last_at     integer not null,
  primary key (day, type)
) strict, without rowid;

-- What was received before it was counted.
insert into usage_receipts (day, type, accepted, last_at)
select received_at / 86400000, type, count(*), max(received_at) from usage_events group by 1, 2;

insert into usage_receipts (day, type, conflict, last_at)
select received_at / 86400000, type, sum(times), max(received_at) from usage_conflicts group by 1, 2
on conflict (day, type) do update set conflict = excluded.conflict, last_at = max(last_at, excluded.last_at);

-- Events that a person decides about: of an unknown type, or too late.
create table usage_quarantine (
  id             text    not null primary key,
  hash           blob    not null check (length(hash) = 16),
  payload_hash   blob    not null check (length(payload_hash) = 16),
  source         text    not null,
  event_id       text    not null,
  type           text    not null,
  development_id text    not null,
  unit_id        text    not null,
  visitor        text    not null,
  time           integer not null,
  body           text    not null check (body = '' or json_valid(body)),
  reason         text    not null, -- unknown_type, too_late, tokens
  state          text    not null check (state in ('held', 'released', 'dismissed')),
  received_at    integer not null,
  decided_at     integer,
  decided_by     text    not null default '', -- id of the actor
  check ((state = 'held') = (decided_at is null))
) strict;

create unique index usage_quarantine_identity on usage_quarantine (hash);
create index usage_quarantine_by_state on usage_quarantine (state, received_at);

-- The latest events that could not be taken, and why: the last few hundred.
create table usage_refusals (
  number      integer not null primary key,
  received_at integer not null,
  source      text    not null,
  event_id    text    not null,
  type        text    not null,
  fields      text    not null check (json_valid(fields)) -- [{"field", "reason"}]
) strict;

-- Identities of events that retention has taken away: the same event again is
-- known for ever.
create table usage_remembered (
  hash         blob not null primary key check (length(hash) = 16),
  payload_hash blob not null check (length(payload_hash) = 16)
) strict, without rowid;

-- +goose Down
drop table usage_remembered;
drop table usage_refusals;
drop table usage_quarantine;
drop table usage_receipts;
drop table usage_horizon;
drop table usage_hours;
