create table audit_checkpoints (
  number    integer not null primary key,
  at        integer not null,
  statement text    not null check (json_valid(statement)),
  signature blob    not null check (length(signature) = 64)
) strict;
create trigger audit_checkpoints_refuse_delete before delete on audit_checkpoints begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create trigger audit_checkpoints_refuse_gap before insert on audit_checkpoints
when new.number <> (select coalesce(max(number), 0) + 1 from audit_checkpoints) begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create trigger audit_checkpoints_refuse_update before update on audit_checkpoints begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create table audit_heads (
  position integer not null primary key,
  chain    text    not null unique,
  seq      integer not null,
  head     blob    not null check (length(head) = 32)
) strict;
create table audit_leaves (
  checkpoint integer not null references audit_checkpoints (number),
  chain      text    not null,
  seq        integer not null,
  head       blob    not null check (length(head) = 32),
  primary key (checkpoint, chain)
) strict, without rowid;
create index audit_leaves_by_chain on audit_leaves (chain, checkpoint);
create trigger audit_leaves_refuse_delete before delete on audit_leaves begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create trigger audit_leaves_refuse_late before insert on audit_leaves
when new.checkpoint <> (select max(number) from audit_checkpoints)
  or exists (select 1 from audit_leaves where checkpoint = new.checkpoint and chain = new.chain) begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create trigger audit_leaves_refuse_update before update on audit_leaves begin
  select raise(abort, 'audit checkpoints are append-only');
end;
create table audit_records (
  seq         integer not null primary key,
  record      text    not null,
  hash        blob    not null check (length(hash) = 32),
  at          integer generated always as (record ->> '$.at') virtual,
  actor_id    text    generated always as (record ->> '$.actor.id') virtual,
  action      text    generated always as (record ->> '$.action') virtual,
  target_kind text    generated always as (record ->> '$.target.kind') virtual,
  target_id   text    generated always as (record ->> '$.target.id') virtual,
  outcome     text    generated always as (record ->> '$.outcome') virtual
) strict;
create index audit_records_by_action on audit_records (action);
create index audit_records_by_actor on audit_records (actor_id);
create index audit_records_by_at on audit_records (at);
create index audit_records_by_target on audit_records (target_id);
create trigger audit_records_refuse_delete before delete on audit_records begin
  select raise(abort, 'audit records are append-only');
end;
create trigger audit_records_refuse_gap before insert on audit_records
when new.seq <> (select coalesce(max(seq), 0) + 1 from audit_records) begin
  select raise(abort, 'audit records are append-only');
end;
create trigger audit_records_refuse_update before update on audit_records begin
  select raise(abort, 'audit records are append-only');
end;
create table audit_values (
  seq    integer not null references audit_records (seq),
  change integer not null,
  side   text    not null check (side in ('before', 'after')),
  salt   blob    not null check (length(salt) = 32),
  value  text    not null,
  primary key (seq, change, side)
) strict, without rowid;
create trigger audit_values_refuse_replace before insert on audit_values
when exists (select 1 from audit_values where seq = new.seq and change = new.change and side = new.side) begin
  select raise(abort, 'audit values are erased, never changed');
end;
create trigger audit_values_refuse_update before update on audit_values begin
  select raise(abort, 'audit values are erased, never changed');
end;
create table challenges (
  hash       text    not null primary key,
  user_id    text    not null references users (id) on delete cascade,
  tries      integer not null default 0,
  expires_at integer not null
) strict, without rowid;
create index challenges_by_user on challenges (user_id);
create table dead_letters (
  tenant_id  text    not null references tenants (id) on delete cascade,
  event_id   text    not null,
  subscriber text    not null,
  name       text    not null, -- of the event
  event_at   integer not null,
  state      text    not null check (state in ('waiting', 'dead', 'dropped')),
  attempts   integer not null,
  first_at   integer not null,
  last_at    integer not null,
  primary key (tenant_id, event_id, subscriber)
) strict, without rowid;
create index dead_letters_by_time on dead_letters (last_at);
create table event_backlogs (
  subscriber text    not null,
  tenant_id  text    not null references tenants (id) on delete cascade,
  pending    integer not null,
  dead       integer not null,
  oldest     integer, -- when the oldest pending event happened; null without one
  primary key (subscriber, tenant_id)
) strict, without rowid;
create index event_backlogs_by_tenant on event_backlogs (tenant_id);
create table event_subscribers (
  name   text not null primary key,
  events text not null check (json_valid(events))
) strict, without rowid;
create table figure_metrics (
  number integer not null primary key,
  name   text    not null unique,
  source integer not null references figure_sources (number)
) strict;
create index figure_metrics_of_source on figure_metrics (source);
create table figure_rebuilds (
  number   integer not null primary key,
  begun_at integer not null,
  ended_at integer
) strict;
create table figure_sources (
  number  integer not null primary key,
  name    text    not null unique,
  metrics text    not null check (json_valid(metrics)),
  version integer not null default 1
) strict;
create table figure_states (
  tenant      integer not null references figure_tenants (number),
  source      integer not null references figure_sources (number),
  version     integer not null default 0, -- of the source; 0: not computed, or the file has changed since
  computed_at integer,
  failures    integer not null default 0, -- in a row
  error       text    not null default '',
  retry_at    integer,
  primary key (tenant, source),
  check ((error = '') = (retry_at is null))
) strict, without rowid;
create index figure_states_behind on figure_states (source, retry_at) where error <> '' or version = 0;
create index figure_states_by_age on figure_states (source, computed_at) where computed_at is not null;
create table figure_tenants (
  number    integer not null primary key,
  tenant_id text    not null unique references tenants (id) on delete cascade,
  demo      integer not null check (demo in (0, 1))
) strict;
create index figure_tenants_by_demo on figure_tenants (demo);
create table figure_totals (
  metric   integer not null references figure_metrics (number),
  period   integer not null,
  currency text    not null,
  demo     integer not null, -- demo tenants are summed apart
  value    integer not null,
  tenants  integer not null, -- whose figure isn't nought
  primary key (metric, period, currency, demo)
) strict, without rowid;
create table figures (
  tenant      integer not null references figure_tenants (number),
  metric      integer not null references figure_metrics (number),
  development text    not null, -- empty: the whole tenant
  period      integer not null,
  currency    text    not null,
  value       integer not null check (value <> 0),
  primary key (tenant, metric, development, period, currency)
) strict, without rowid;
create trigger figures_added after insert on figures when new.development = '' begin
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select new.metric, new.period, new.currency, demo, new.value, 1 from figure_tenants where number = new.tenant
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants + 1;
end;
create trigger figures_changed after update of value on figures when new.development = '' begin
  update figure_totals set value = value - old.value + new.value
  where metric = new.metric and period = new.period and currency = new.currency
    and demo = (select demo from figure_tenants where number = new.tenant);
end;
create index figures_ranked on figures (metric, period, currency, value, tenant)
where development = '' and period < 1000000;
create trigger figures_removed after delete on figures when old.development = '' begin
  update figure_totals set value = value - old.value, tenants = tenants - 1
  where metric = old.metric and period = old.period and currency = old.currency
    and demo = (select demo from figure_tenants where number = old.tenant);
  delete from figure_totals
  where metric = old.metric and period = old.period and currency = old.currency and tenants = 0
    and demo = (select demo from figure_tenants where number = old.tenant);
end;
create table idempotency_keys (
  key_sha256     blob    not null primary key,
  request_sha256 blob    not null,
  status         integer not null,
  location       text    not null,
  etag           text    not null,
  body           blob    not null,
  created_at     integer not null
) strict, without rowid;
create table impersonations (
  id         text    not null primary key,
  staff_id   text    not null references users (id) on delete cascade,
  user_id    text    not null references users (id) on delete cascade,
  tenant_id  text    not null references tenants (id) on delete cascade,
  reason     text    not null,
  started_at integer not null,
  ended_at   integer
) strict;
create table job_run_lines (
  run_id text    not null references job_runs (id) on delete cascade,
  seq    integer not null,
  at     integer not null,
  text   text    not null,
  primary key (run_id, seq)
) strict, without rowid;
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
create table job_visits (
  job       text not null,
  tenant_id text not null references tenants (id) on delete cascade,
  mark      text not null,
  primary key (job, tenant_id)
) strict, without rowid;
create index job_visits_by_tenant on job_visits (tenant_id);
create table "keys" (
  id           text    not null primary key,
  name         text    not null,
  role         text    not null,
  tenant_id    text    references tenants (id) on delete cascade,
  hash         text    not null unique,
  hint         text    not null,
  created_by   text    not null,
  created_at   integer not null,
  last_used_at integer,
  expires_at   integer,
  revoked_at   integer,
  constraint keys_tenant check ((role in ('developer_admin', 'developer_viewer', 'reporter')) = (tenant_id is not null))
) strict;
create index keys_by_tenant on keys (tenant_id);
create table links (
  hash       text    not null primary key,
  purpose    text    not null check (purpose in ('owner', 'invitation', 'reset')),
  user_id    text    references users (id) on delete cascade,
  expires_at integer not null,
  constraint links_user check ((purpose = 'owner') = (user_id is null))
) strict, without rowid;
create index links_by_user on links (user_id);
create table message_images (
  sha256 text not null primary key,
  name   text not null,
  type   text not null check (type in ('image/png', 'image/jpeg', 'image/gif')),
  bytes  blob not null
) strict;
create table message_index (
  tenant_id  text    not null,
  id         text    not null,
  template   text    not null,
  state      text    not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'held')),
  attempts   integer not null default 0,
  next_at    integer,
  created_at integer not null,
  updated_at integer not null,
  version    integer not null default 1,
  primary key (tenant_id, id)
) strict, without rowid;
create index message_index_by_time on message_index (created_at, id);
create index message_index_due on message_index (next_at) where state = 'queued';
create table messages (
  id         text    not null primary key,
  template   text    not null,
  recipient  text    not null,
  sender     text    not null,
  subject    text    not null,
  html       text    not null,
  text       text    not null,
  image      text    references message_images (sha256),
  state      text    not null check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'held')),
  attempts   integer not null default 0,
  error      text    not null default '',
  next_at    integer,
  sent_at    integer,
  created_at integer not null,
  updated_at integer not null
) strict;
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
, uploads text not null default '{}' check (json_valid(uploads))) strict;
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
create table plugin_calls (
  id        integer not null primary key,
  plugin    text    not null,
  tenant_id text    references tenants (id) on delete cascade, -- null: the platform
  at        integer not null,
  method    text    not null,
  host      text    not null,
  path      text    not null,
  status    integer not null, -- 0: no answer
  took      integer not null, -- in microseconds
  sent      integer not null,
  received  integer not null,
  error     text    not null,
  attempt   integer not null
) strict;
create index plugin_calls_by_plugin on plugin_calls (plugin, id);
create index plugin_calls_by_tenant on plugin_calls (tenant_id);
create table plugin_crashes (
  id      integer not null primary key,
  plugin  text    not null,
  dossier text    not null check (json_valid(dossier))
) strict;
create index plugin_crashes_by_plugin on plugin_crashes (plugin, id);
create table plugin_grants (
  plugin      text    not null primary key,
  grants      text    not null check (json_valid(grants)),
  sha256      text    not null,
  approved_by text    not null,
  approved_at integer not null
) strict, without rowid;
create table plugin_manifests (
  sha256   text    not null primary key,
  plugin   text    not null,
  manifest text    not null check (json_valid(manifest)),
  seen_at  integer not null
) strict, without rowid;
create index plugin_manifests_by_plugin on plugin_manifests (plugin, seen_at);
create table plugin_publications (
  plugin       text    not null,
  tenant_id    text    not null, -- empty: for all tenants
  key          text    not null,
  value        blob,             -- null: withdrawn
  revision     integer not null,
  published_at integer not null,
  primary key (plugin, tenant_id, key)
) strict;
create unique index plugin_publications_by_revision on plugin_publications (plugin, revision);
create index plugin_publications_by_tenant on plugin_publications (plugin, tenant_id, revision);
create table plugin_runs (
  id      text not null primary key,
  params  text not null check (json_valid(params)),
  plan    text not null check (json_valid(plan)),
  summary text not null default '',
  error   text not null default ''
) strict, without rowid;
create table plugin_secrets (
  plugin     text    not null,
  field      text    not null,
  sealed     blob    not null,
  hint       text    not null,
  updated_at integer not null,
  primary key (plugin, field)
) strict, without rowid;
create table plugin_settings (
  plugin     text    not null primary key,
  body       text    not null check (json_valid(body)),
  version    integer not null,
  updated_at integer not null
) strict, without rowid;
create table plugin_switches (
  plugin     text    not null primary key,
  reason     text    not null,
  changed_by text    not null,
  changed_at integer not null
) strict, without rowid;
create table plugin_tenants (
  plugin     text    not null,
  tenant_id  text    not null references tenants (id) on delete cascade,
  off        integer not null default 0 check (off in (0, 1)),
  reason     text    not null default '', -- why it is off
  version    integer not null default 0,  -- of its tables
  error      text    not null default '', -- why its migration failed
  updated_at integer not null,
  primary key (plugin, tenant_id)
) strict, without rowid;
create index plugin_tenants_by_tenant on plugin_tenants (tenant_id);
create table plugin_values (
  plugin     text    not null,
  key        text    not null,
  value      blob    not null,
  updated_at integer not null,
  primary key (plugin, key)
) strict, without rowid;
create table recovery_codes (
  user_id text    not null references users (id) on delete cascade,
  hash    text    not null,
  used_at integer,
  primary key (user_id, hash)
) strict, without rowid;
create table sessions (
  hash         text    not null primary key,
  user_id      text    not null references users (id) on delete cascade,
  on_behalf_of text    references users (id) on delete cascade,
  parent       text    references sessions (hash) on update cascade on delete cascade,
  reason       text    not null default '',
  ip_prefix    text    not null,
  user_agent   text    not null,
  created_at   integer not null,
  seen_at      integer not null,
  fresh_at     integer not null,
  expires_at   integer not null,
  constraint sessions_impersonation check ((on_behalf_of is null) = (parent is null))
) strict, without rowid;
create index sessions_by_end on sessions (expires_at);
create index sessions_by_parent on sessions (parent);
create index sessions_by_staff on sessions (on_behalf_of);
create index sessions_by_user on sessions (user_id);
create table staged_files (
  id         text    not null primary key,
  region     text    not null,
  name       text    not null,
  type       text    not null,
  size       integer not null default -1, -- negative: still being written
  sha256     text    not null default '',
  created_at integer not null
, owner text not null default '') strict;
create index staged_files_by_created_at on staged_files (created_at);
create index staged_files_by_owner on staged_files (owner) where owner <> '';
create table tenant_changes (
  tenant_id  text    not null primary key references tenants (id) on delete cascade,
  changed_at integer not null
) strict, without rowid;
create table tenant_counts (
  status  text    not null,
  region  text    not null,
  tenants integer not null,
  primary key (status, region)
) strict, without rowid;
create table tenant_keys (
  id         integer not null primary key check (id = 1),
  keyset     blob    not null,
  created_at integer not null
) strict;
create table tenant_signatures (
  tenant_id  text    not null primary key references tenants (id) on delete cascade,
  signature  text    not null,
  settled_at integer not null
) strict, without rowid;
create table tenants (
  id             text    not null primary key,
  name           text    not null,
  code           text    not null,
  region         text    not null,
  status         text    not null check (status in ('provisioning', 'active', 'suspended', 'failed', 'deleted')),
  status_before  text    not null default '', -- what a failed tenant returns to
  demo           integer not null default 0 check (demo in (0, 1)),
  sort_name      text    not null,            -- folded: Á sorts with A
  search         text    not null,            -- folded name, code and id
  schema_version integer not null default 0,
  created_at     integer not null,
  updated_at     integer not null,
  version        integer not null default 1
) strict;
create trigger figures_await_tenant after insert on tenants when new.status <> 'deleted' begin
  insert into figure_tenants (tenant_id, demo) values (new.id, new.demo);
end;
create trigger figures_change_sides after update of demo on tenants when new.demo <> old.demo begin
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select f.metric, f.period, f.currency, old.demo, -f.value, -1
  from figure_tenants t join figures f on f.tenant = t.number
  where t.tenant_id = new.id and f.development = ''
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants - 1;
  insert into figure_totals (metric, period, currency, demo, value, tenants)
  select f.metric, f.period, f.currency, new.demo, f.value, 1
  from figure_tenants t join figures f on f.tenant = t.number
  where t.tenant_id = new.id and f.development = ''
  on conflict (metric, period, currency, demo) do update set value = value + excluded.value, tenants = tenants + 1;
  delete from figure_totals where tenants = 0;
  update figure_tenants set demo = new.demo where tenant_id = new.id;
end;
create trigger figures_forget_tenant after update of status on tenants when new.status = 'deleted' begin
  delete from figures where tenant = (select number from figure_tenants where tenant_id = new.id);
  delete from figure_states where tenant = (select number from figure_tenants where tenant_id = new.id);
  delete from figure_tenants where tenant_id = new.id;
end;
create trigger figures_lose_tenant before delete on tenants begin
  delete from figures where tenant = (select number from figure_tenants where tenant_id = old.id);
  delete from figure_states where tenant = (select number from figure_tenants where tenant_id = old.id);
end;
create index tenants_by_code on tenants (code, id) where status <> 'deleted';
create index tenants_by_created_at on tenants (created_at, id) where status <> 'deleted';
create index tenants_by_name on tenants (sort_name, id) where status <> 'deleted';
create index tenants_by_region on tenants (region, id) where status <> 'deleted';
create index tenants_by_status on tenants (status, id);
create unique index tenants_code on tenants (code) where status <> 'deleted';
create trigger tenants_counted_in after insert on tenants begin
  insert into tenant_counts (status, region, tenants) values (new.status, new.region, 1)
  on conflict (status, region) do update set tenants = tenants + 1;
end;
create trigger tenants_counted_out after delete on tenants begin
  update tenant_counts set tenants = tenants - 1 where status = old.status and region = old.region;
end;
create trigger tenants_forget_events after update of status on tenants when new.status = 'deleted' begin
  delete from event_backlogs where tenant_id = new.id;
  delete from dead_letters where tenant_id = new.id;
end;
create trigger tenants_forget_plugins after update of status on tenants when new.status = 'deleted' begin
  delete from plugin_tenants where tenant_id = new.id;
  delete from plugin_calls where tenant_id = new.id;
  delete from tool_runs where tenant_id = new.id;
end;
create trigger tenants_forget_publications after update of status on tenants when new.status = 'deleted' begin
  delete from plugin_publications where tenant_id = new.id;
  delete from job_visits where tenant_id = new.id;
end;
create trigger tenants_lose_publications after delete on tenants begin
  delete from plugin_publications where tenant_id = old.id;
end;
create trigger tenants_recounted after update of status, region on tenants
when new.status <> old.status or new.region <> old.region begin
  update tenant_counts set tenants = tenants - 1 where status = old.status and region = old.region;
  insert into tenant_counts (status, region, tenants) values (new.status, new.region, 1)
  on conflict (status, region) do update set tenants = tenants + 1;
end;
create table throttles (
  bucket   text    not null primary key,
  failures integer not null,
  last_at  integer not null,
  until    integer not null
) strict, without rowid;
create table tombstones (
  tenant_hmac    text    not null primary key,
  certificate_id text    not null,
  deleted_at     integer not null
) strict, without rowid;
create table tool_runs (
  id         text    not null primary key,
  plugin     text    not null,
  tool       text    not null,
  tenant_id  text    references tenants (id) on delete cascade, -- null: the platform
  state      text    not null check (state in ('pending', 'running', 'waiting', 'done', 'failed', 'cancelled')),
  hash       text    not null, -- of the plan
  done       integer not null default 0,
  total      integer not null default 0,
  created_by text    not null,
  created_at integer not null,
  started_at integer,
  ended_at   integer,
  updated_at integer not null
) strict, without rowid;
create unique index tool_runs_at_work on tool_runs (plugin, tool, coalesce(tenant_id, '')) where state = 'running';
create index tool_runs_by_plugin on tool_runs (plugin, id);
create index tool_runs_by_tenant on tool_runs (tenant_id, id);
create table unit_codes (
  code_hash blob not null primary key check (length(code_hash) = 16),
  tenant_id text not null
) strict, without rowid;
create table users (
  id           text    not null primary key,
  name         text    not null,
  email        text    not null unique,
  role         text    not null,
  tenant_id    text    references tenants (id) on delete cascade,
  status       text    not null check (status in ('invited', 'active', 'disabled')),
  search       text    not null,
  password     text    not null default '',
  totp_secret  blob,
  totp_pending blob,
  totp_step    integer not null default 0,
  created_at   integer not null,
  updated_at   integer not null,
  seen_at      integer,
  version      integer not null default 1,
  constraint users_tenant check ((role in ('developer_admin', 'developer_viewer')) = (tenant_id is not null)),
  constraint users_password check (status <> 'active' or password <> '')
) strict;
create index users_by_name on users (search, id);
create index users_by_tenant on users (tenant_id);
