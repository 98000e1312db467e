-- +goose Up
-- The run that needs a staged file: with its end, all of its files go at once.
alter table staged_files add column owner text not null default '';
create index staged_files_by_owner on staged_files (owner) where owner <> '';

-- SHA-256 of the uploads that a run began with, by their ids: a client that
-- repeats its request when they are gone still gets its run.
alter table onboarding_runs add column uploads text not null default '{}' check (json_valid(uploads));

-- +goose Down
alter table onboarding_runs drop column uploads;
drop index staged_files_by_owner;
alter table staged_files drop column owner;
