-- +goose Up
-- A step's effects in this file and its row here commit together, so that a
-- run that was interrupted knows what it has done.
create table onboarding_effects (
  run_id  text    not null,
  step    text    not null,
  result  text    not null check (json_valid(result)),
  done_at integer not null,
  primary key (run_id, step)
) strict, without rowid;

-- The newest printed matter of a development, one row for each kind.
create table packs (
  development_id text    not null,
  kind           text    not null check (kind in ('qr_pack', 'launch_kit')),
  blob_id        text    not null,
  name           text    not null,
  units          integer not null,
  bytes          integer not null,
  made_at        integer not null,
  primary key (development_id, kind)
) strict, without rowid;

-- +goose Down
drop table packs;
drop table onboarding_effects;
