-- +goose Up
create table job_runs (
  id         text    not null primary key,
  job        text    not null,
  state      text    not null check (state in ('running', 'done', 'failed', 'cancelled')),
  done       integer not null default 0,
  total      integer not null default 0,
  summary    text    not null default '',
  error      text    not null default '',
  started_by text    not null,
  started_at integer not null,
  ended_at   integer
) strict;

create index job_runs_by_job on job_runs (job, id);
create index job_runs_running on job_runs (id) where state = 'running';

create table job_run_lines (
  run_id text    not null references job_runs (id) on delete cascade,
  seq    integer not null,
  at     integer not null,
  text   text    not null,
  primary key (run_id, seq)
) strict, without rowid;

-- +goose Down
drop table job_run_lines;
drop table job_runs;
