/** What is around every page. */
export const shell = {
  skip: 'Skip to the page',
  menu: 'Open the menu',
  closeMenu: 'Close the menu',
  navigation: 'Main',
  overview: 'Overview',
  backups: 'Backups',
  storageServers: 'Storage servers',
  connections: 'Connections',
  reports: 'Reports',
  admin: 'Admin',
  appearance: 'Appearance',
  system: 'System',
  light: 'Light',
  dark: 'Dark',
  profile: 'Profile',
  password: 'Change password',
  signOut: 'Sign out',
  reconnecting: 'Reconnecting …',
  loading: 'Loading …',
  notFound: 'There is nothing here',
  notFoundText: 'The address is wrong, or what was here has been removed.',
  toOverview: 'To the overview',
  again: 'Try again',
  broken: 'This page broke',
  reload: 'Load it again',
};

export const action = {
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save changes',
  copy: 'Copy',
  copied: 'Copied',
  runNow: 'Run now',
};

export const problem = {
  noAnswer: 'Holdfast does not answer',
  noAnswerHint: 'Its server may be stopped or starting again, or the network is down. Your backups do not depend on this page.',
  reference: '{{code}} · request {{requestId}}',
};

export const directory = {
  title: 'Choose a directory',
  browse: 'Browse',
  browseFor: 'Browse: {{label}}',
  inside: 'Directories in {{path}}',
  up: 'One level up',
  none: 'No directories in here.',
  choose: 'Choose this directory',
};
