-- +goose Up
-- Facts that have happened, written in the transaction of the change. The
-- sequence never repeats (autoincrement), so a subscriber's place in it stays
-- right when old rows are removed.
create table events (
  seq          integer not null primary key autoincrement,
  id           text    not null unique,
  name         text    not null,
  subject_kind text    not null,
  subject_id   text    not null,
  body         text    not null check (json_valid(body)),
  at           integer not null
) strict;

create index events_by_name on events (name, seq);
create index events_by_subject on events (subject_id, seq);

-- +goose Down
drop table events;
