/** Signing up and in. */
export const account = {
  signIn: 'Sign in',
  signInText: 'Welcome back. Your backups kept working while you were away.',
  signUp: 'Set up Holdfast',
  signUpText: 'Nobody has an account here yet. The first one is the administrator.',
  create: 'Create account',
  name: 'Name',
  email: 'Email',
  password: 'Password',
  passwordHint: 'At least 12 characters. A few random words are good.',
  show: 'Show or hide the password',
  token: 'Set-up token',
  tokenHint: 'Holdfast printed it on the console when it started. It proves that this is your machine.',
};
