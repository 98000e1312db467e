-- +goose Up
create table onboarding_runs (
  id              text    not null primary key,
  name            text    not null,
  code            text    not null,
  region          text    not null,
  state           text    not null check (state in ('pending', 'running', 'done', 'failed', 'cancelled')),
  tenant_id       text,
  request_id      text    not null,
  idempotency     blob    unique,
  request_sha256  text    not null,
  created_by      text    not null,
  created_at      integer not null,
  updated_at      integer not null
) strict;

-- A code belongs to one run at a time: a run that can still be resumed keeps it.
create unique index onboarding_runs_by_code on onboarding_runs (code) where state in ('pending', 'running', 'failed');
create index onboarding_runs_by_time on onboarding_runs (created_at desc, id);

create table onboarding_steps (
  run_id     text    not null references onboarding_runs (id) on delete cascade,
  position   integer not null,
  name       text    not null,
  state      text    not null check (state in ('pending', 'running', 'waiting', 'done', 'failed')),
  done       integer not null default 0,
  total      integer not null default 0,
  started_at integer,
  ended_at   integer,
  result     text check (result is null or json_valid(result)),
  error      text check (error is null or json_valid(error)),
  primary key (run_id, position)
) strict, without rowid;

-- A draft's answers lie with its region, as a staged file; here is only what the list shows.
create table onboarding_drafts (
  id         text    not null primary key,
  name       text    not null,
  region     text    not null,
  step       text    not null,
  content_id text    not null,
  created_by text    not null,
  created_at integer not null,
  updated_at integer not null,
  version    integer not null default 1
) strict;

create index onboarding_drafts_by_author on onboarding_drafts (created_by, updated_at desc);

-- +goose Down
drop table onboarding_drafts;
drop table onboarding_steps;
drop table onboarding_runs;
