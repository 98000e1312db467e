-- +goose Up

-- A note of the site team on a unit. It goes with the unit.
create table example_notes (
  id         text    not null primary key,
  unit_id    text    not null references units (id) on delete cascade,
  body       text    not null check (length(body) between 1 and 2000),
  author     text    not null,
  event_id   text    unique, -- the event that the note was written for
  created_at integer not null,
  closed_at  integer,
  overdue_at integer
) strict;

create index example_notes_by_unit on example_notes (unit_id, created_at);
create index example_notes_open on example_notes (created_at) where closed_at is null;

-- +goose Down
drop table example_notes;
