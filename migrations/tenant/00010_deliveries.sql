-- +goose Up
-- How far each subscriber has come in the outbox. Every event up to seq that it
-- listens to was acknowledged, or has a row in event_deliveries.
create table event_cursors (
  subscriber text    not null primary key,
  seq        integer not null
) strict, without rowid;

-- The events that a subscriber has not acknowledged at once: they wait for
-- their next attempt or behind an earlier event of their subject, or nobody
-- tries them any more.
create table event_deliveries (
  subscriber   text    not null,
  seq          integer not null references events (seq) on delete cascade,
  subject_kind text    not null,
  subject_id   text    not null,
  state        text    not null check (state in ('waiting', 'dead', 'dropped')),
  attempts     integer not null default 0,
  round        integer not null default 0, -- attempts since it was queued, by its event or by a person
  next_at      integer,                    -- null while an earlier event of the subject waits
  died_at      integer,                    -- null: it never was a dead letter
  primary key (subscriber, seq),
  check (next_at is null or state = 'waiting'),
  check (state = 'waiting' or died_at is not null)
) strict, without rowid;

create index event_deliveries_by_event on event_deliveries (seq);
create index event_deliveries_dead on event_deliveries (subscriber, state) where died_at is not null;
create index event_deliveries_due on event_deliveries (subscriber, next_at) where next_at is not null;
create index event_deliveries_waiting on event_deliveries (subscriber, subject_kind, subject_id, seq) where state = 'waiting';

create table event_attempts (
  subscriber text    not null,
  seq        integer not null,
  number     integer not null,
  at         integer not null,
  error      text    not null,
  primary key (subscriber, seq, number),
  foreign key (subscriber, seq) references event_deliveries (subscriber, seq) on delete cascade
) strict, without rowid;

-- +goose Down
drop table event_attempts;
drop table event_deliveries;
drop table event_cursors;
