import type { Database } from '@holdfast/control';

/** The tables of the library that signs people in, as far as Holdfast itself writes them. */
export type SignInSchema = {
  user: {
    id: string;
    name: string;
    email: string;
    email_verified: number;
    image: string | null;
    created_at: string;
    updated_at: string;
  };
  account: {
    id: string;
    user_id: string;
    account_id: string;
    provider_id: string;
    password: string | null;
    created_at: string;
    updated_at: string;
  };
  session: { id: string; user_id: string; token: string; expires_at: string; created_at: string };
};

/** A transaction or the database, seen with the tables of sign-in. */
export function withSignInTables<T extends Database['tables']>(tables: T) {
  return tables.$extendTables<SignInSchema>();
}
