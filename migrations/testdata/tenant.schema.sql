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
create table blob_chunks (
  blob_id text    not null references blobs (id) on delete cascade,
  number  integer not null,
  data    blob    not null,
  primary key (blob_id, number)
) strict;
create table blobs (
  id         text    not null primary key,
  name       text    not null,
  type       text    not null,
  kind       text    not null,
  size       integer not null,
  sha256     text    not null,
  created_at integer not null,
  expires_at integer -- null: kept until it is deleted
) strict;
create index blobs_by_expires_at on blobs (expires_at) where expires_at is not null;
create index blobs_by_kind on blobs (kind, id);
create index blobs_by_size on blobs (size);
create table brands (
  id            integer not null primary key check (id = 1),
  name          text    not null,
  primary_color text    not null,
  accent_color  text    not null,
  locale        text    not null,
  logo_blob_id  text    references blobs (id),
  updated_at    integer not null
) strict;
create table developments (
  id         text    not null primary key,
  name       text    not null,
  address    text    not null,
  status     text    not null check (status in ('planned', 'selling', 'complete')),
  sort_key   text    not null, -- the name, folded, numbers padded with zeros
  search     text    not null, -- folded words, each behind a space
  created_at integer not null,
  updated_at integer not null,
  version    integer not null default 1
) strict;
create index developments_by_name on developments (sort_key, id);
create table event_attempts (
  subscriber text    not null,
  seq        integer not null,
  number     integer not null,
  at         integer not null,
  error      text    not null,
  primary key (subscriber, seq, number),
  foreign key (subscriber, seq) references event_deliveries (subscriber, seq) on delete cascade
) strict, without rowid;
create table event_cursors (
  subscriber text    not null primary key,
  seq        integer not null
) strict, without rowid;
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
create table homeowners (
  id              text    not null primary key,
  unit_id         text    not null references units (id),
  name            text    not null,
  email           text    not null,
  email_key       text    not null, -- the e-mail address in lower case
  status          text    not null check (status in ('invited', 'onboarded', 'left')),
  consent_at      integer,
  consent_version text    not null default '' check ((consent_at is null) = (consent_version = '')),
  onboarded_at    integer,
  sort_key        text    not null,
  search          text    not null,
  created_at      integer not null,
  updated_at      integer not null,
  version         integer not null default 1
) strict;
create trigger homeowners_added after insert on homeowners
begin
  update units set homeowners = homeowners + (new.status <> 'left') where id = new.unit_id;
end;
create unique index homeowners_by_email on homeowners (unit_id, email_key);
create index homeowners_by_name on homeowners (sort_key, id);
create trigger homeowners_changed after update of status, unit_id on homeowners
begin
  update units set homeowners = homeowners - (old.status <> 'left') where id = old.unit_id;
  update units set homeowners = homeowners + (new.status <> 'left') where id = new.unit_id;
end;
create trigger homeowners_removed after delete on homeowners
begin
  update units set homeowners = homeowners - (old.status <> 'left') where id = old.unit_id;
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
create table message_images (
  sha256 text not null primary key,
  name   text not null,
  type   text not null check (type in ('image/png', 'image/jpeg', 'image/gif')),
  bytes  blob not null
) strict;
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
create table onboarding_effects (
  run_id  text    not null,
  step    text    not null,
  result  text    not null check (json_valid(result)),
  done_at integer not null,
  primary key (run_id, step)
) strict, without rowid;
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
  hint       text    not null, -- the last characters of a long secret, or nothing
  updated_at integer not null,
  primary key (plugin, field)
) strict, without rowid;
create table plugin_settings (
  plugin     text    not null primary key,
  body       text    not null check (json_valid(body)), -- without the secrets
  version    integer not null,
  updated_at integer not null
) strict, without rowid;
create table plugin_values (
  plugin     text    not null,
  key        text    not null,
  value      blob    not null,
  updated_at integer not null,
  primary key (plugin, key)
) strict, without rowid;
create table settings (
  id         integer not null primary key check (id = 1),
  body       text    not null check (json_valid(body)),
  updated_at integer not null,
  version    integer not null default 1
) strict;
create table tenant_keys (
  id         integer not null primary key check (id = 1),
  keyset     blob    not null,
  created_at integer not null
) strict;
create table units (
  id             text    not null primary key,
  development_id text    not null references developments (id),
  label          text    not null,
  address        text    not null,
  address_key    text    not null, -- the address as duplicates are found by
  county         text    not null,
  postcode       text    not null,
  kind           text    not null,
  size           text    not null,
  price_minor    integer check (price_minor >= 0),
  currency       text    check ((currency is null) = (price_minor is null)),
  sold_on        text    not null check (sold_on = '' or sold_on glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  handed_over_at integer,
  code           text, -- null until its QR code is assigned
  first_scan_at  integer,
  homeowners     integer not null default 0, -- who live there or are invited; kept by the triggers below
  sort_key       text    not null, -- the label, folded, numbers padded with zeros
  search         text    not null,
  created_at     integer not null,
  updated_at     integer not null,
  version        integer not null default 1
) strict;
create unique index units_by_address on units (development_id, address_key);
create unique index units_by_code on units (code);
create index units_by_label on units (sort_key, id, handed_over_at, first_scan_at, homeowners);
create index units_of_development on units (development_id, sort_key, id, handed_over_at, first_scan_at, homeowners);
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
create table usage_erased_scans (
  quarter        integer not null, -- since 1970, UTC
  development_id text    not null,
  events         integer not null,
  primary key (quarter, development_id)
) strict, without rowid;
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
create table usage_horizon (
  only   integer not null primary key check (only = 1),
  before integer not null
) strict;
create table usage_hours (
  hour   integer not null primary key, -- since 1970, UTC
  events integer not null,
  change integer not null
) strict;
create index usage_hours_by_change on usage_hours (change);
create table usage_identities (
  hash        blob    not null primary key check (length(hash) = 16),
  hour        integer not null,
  received_at integer not null
) strict, without rowid;
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
create index usage_quarantine_by_state on usage_quarantine (state, received_at);
create unique index usage_quarantine_identity on usage_quarantine (hash);
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
create table usage_refusals (
  number      integer not null primary key,
  received_at integer not null,
  source      text    not null,
  event_id    text    not null,
  type        text    not null,
  fields      text    not null check (json_valid(fields)) -- [{"field", "reason"}]
) strict;
create table usage_remembered (
  hash         blob not null primary key check (length(hash) = 16),
  payload_hash blob not null check (length(payload_hash) = 16)
) strict, without rowid;
