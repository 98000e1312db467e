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

-- +goose Down
drop table onboarding_effects;
