-- +goose Up
-- What portals and landing pages report. The hour of the event's own time
-- leads the key, so that new rows land at the end of the tree.
create table usage_events (
  hour           integer not null, -- since 1970, UTC
  hash           blob    not null check (length(hash) = 16), -- of source and id
  source         text    not null,
  id             text    not null,
  type           text    not null,
  development_id text    not null,
  unit_id        text    not null,
  visitor        text    not null,
  time           integer not null,
  received_at    integer not null,
  body           text    not null check (body = '' or json_valid(body)),
  payload_hash   blob    not null check (length(payload_hash) = 16), -- of all that was reported
  primary key (hour, hash)
) strict, without rowid;

create index usage_events_by_type on usage_events (type, time);
create index usage_events_of_unit on usage_events (unit_id, time);

-- Recent identities, by which the same one is found under another time.
create table usage_identities (
  hash        blob    not null primary key check (length(hash) = 16),
  hour        integer not null,
  received_at integer not null
) strict, without rowid;

-- Events whose identity was taken by another payload. The first one stays.
create table usage_conflicts (
  hash           blob    not null check (length(hash) = 16),
  payload_hash   blob    not null check (length(payload_hash) = 16),
  source         text    not null,
  id             text    not null,
  type           text    not null,
  development_id text    not null,
  unit_id        text    not null,
  visitor        text    not null,
  time           integer not null,
  body           text    not null,
  first_hour     integer not null, -- of the event that stays
  received_at    integer not null,
  times          integer not null default 1,
  primary key (hash, payload_hash)
) strict, without rowid;

-- +goose Down
drop table usage_conflicts;
drop table usage_identities;
drop table usage_events;
