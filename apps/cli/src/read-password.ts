import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Secret } from '@holdfast/kernel';
import { environment } from './environment.ts';
import { usageError } from './run-context.ts';

export interface PasswordSources {
  readonly passwordFile?: string | undefined;
  readonly passwordCommand?: string | undefined;
  readonly insecureNoPassword?: boolean | undefined;
  /** Standard input holds something else. */
  readonly stdinIsTaken?: boolean | undefined;
}

export interface PasswordOptions {
  /** Which variables of the environment are asked: HOLDFAST_PASSWORD and so on. */
  readonly variable: 'PASSWORD' | 'FROM_PASSWORD' | 'NEW_PASSWORD';
  /** What the prompt says. */
  readonly prompt: string;
  /** Ask twice, for a new password. */
  readonly confirm?: boolean;
}

/** The password from the options, else from the environment, else from the terminal, or a line of standard input. Never from an argument: other users can read those. */
export async function readPassword(sources: PasswordSources, options: PasswordOptions): Promise<Secret> {
  if (sources.insecureNoPassword === true) return new Secret('');
  const { variable } = options;
  const fromOptions = sources.passwordFile !== undefined || sources.passwordCommand !== undefined;
  const file = fromOptions ? sources.passwordFile : environment(`${variable}_FILE`);
  const command = fromOptions ? sources.passwordCommand : environment(`${variable}_COMMAND`);
  if (file !== undefined && command !== undefined)
    throw usageError('A password file and a password command exclude each other', 'Give one of them.');
  if (file !== undefined) return new Secret(firstLine(readText(file)));
  if (command !== undefined) return new Secret(firstLine(await runCommand(command)));
  const value = environment(variable);
  if (value !== undefined) return new Secret(value);
  return prompt(options, sources.stdinIsTaken === true);
}

/** A password from a file, as for a new key. */
export function passwordFromFile(file: string): Secret {
  return new Secret(firstLine(readText(file)));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(
      `The password file ${JSON.stringify(file)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      'Check its path and its permissions.',
    );
  }
}

function firstLine(text: string): string {
  return text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
}

async function runCommand(command: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command]);
    return stdout;
  } catch {
    // The error's own text repeats the command and its output, which may hold the password.
    throw usageError('The password command failed', 'Run it by hand to see why.');
  }
}

async function prompt(options: PasswordOptions, stdinIsTaken: boolean): Promise<Secret> {
  if (!process.stdin.isTTY) {
    const line = stdinIsTaken ? '' : firstLine(await text(process.stdin));
    if (line !== '') return new Secret(line);
    throw usageError(
      'No password was given',
      `Set HOLDFAST_${options.variable} or HOLDFAST_${options.variable}_FILE, or use --password-file.`,
    );
  }
  const password = await ask(options.prompt);
  if (options.confirm === true && (await ask('again: ')) !== password) throw usageError('The passwords differ', 'Try again.');
  return new Secret(password);
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
