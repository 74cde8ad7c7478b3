import type { DumpSource } from '@holdfast/contract';
import { CodedError, Secret } from '@holdfast/kernel';
import { CommandOptions, CommandSource } from '@holdfast/source/command';
import { MongodbOptions, MongodbSource } from '@holdfast/source/mongodb';
import { MysqlOptions, MysqlSource } from '@holdfast/source/mysql';
import type { SourceDriver } from '@holdfast/source/port';
import type { SourcePorts } from '@holdfast/source/ports';
import { PostgresOptions, PostgresSource } from '@holdfast/source/postgres';
import { RedisOptions, RedisSource } from '@holdfast/source/redis';
import { SqliteOptions, SqliteSource } from '@holdfast/source/sqlite';
import type { z } from 'zod';

/** The driver of a source of dumps. `invalid-argument`, naming the field, for options that the driver does not take. */
export function makeDriver({ driver, ...options }: DumpSource, password: string | null, ports: SourcePorts): SourceDriver {
  const signed = password === null ? options : { ...options, password: new Secret(password) };
  switch (driver) {
    case 'postgres':
      return new PostgresSource(parsed(PostgresOptions, signed), ports);
    case 'mysql':
      return new MysqlSource(parsed(MysqlOptions, signed), ports);
    case 'mongodb':
      return new MongodbSource(parsed(MongodbOptions, signed), ports);
    case 'redis':
      return new RedisSource(parsed(RedisOptions, signed), ports);
    case 'sqlite':
      return new SqliteSource(parsed(SqliteOptions, options), ports);
    case 'command':
      return new CommandSource(parsed(CommandOptions, options), ports);
  }
}

/** What the driver itself wants may be stricter than what the contract lets through. */
function parsed<Form extends z.ZodType>(form: Form, options: unknown): z.output<Form> {
  const result = form.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new CodedError({
    code: 'invalid-argument',
    message: `The source is not valid: ${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'unknown'}`,
    hint: 'Change that field of the source in the settings of the backup.',
    context: { field: ['source', ...(issue?.path ?? [])].join('.') },
  });
}
