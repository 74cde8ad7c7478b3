import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { orpc } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { NotFound } from '../parts/not-found.tsx';
import { PageLoading } from '../parts/page-loading.tsx';
import { RouteProblem } from '../parts/route-problem.tsx';
import { Shell } from '../parts/shell/shell.tsx';
import { reportsSearch } from './reports-search.ts';
import { text } from './search-values.ts';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>) => ({ next: text(search['next']) }),
  beforeLoad: async ({ context }) => {
    const state = await context.queries.fetchQuery(orpc.account.setupState.queryOptions());
    if (state.needsAdministrator) throw redirect({ to: '/sign-up', search: {} });
  },
  component: lazyRouteComponent(() => import('../pages/account/sign-in-page.tsx'), 'SignInPage'),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  validateSearch: (search: Record<string, unknown>): { token?: string } => {
    const token = text(search['token']);
    return token === undefined ? {} : { token };
  },
  beforeLoad: async ({ context }) => {
    const state = await context.queries.fetchQuery(orpc.account.setupState.queryOptions());
    if (!state.needsAdministrator) throw redirect({ to: '/sign-in', search: { next: undefined } });
  },
  component: lazyRouteComponent(() => import('../pages/account/sign-up-page.tsx'), 'SignUpPage'),
});

/** All pages for people who are signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData({ ...orpc.account.me.queryOptions(), staleTime: 60_000 });
    } catch (error) {
      if (problemOf(error).status !== 401) throw error;
      const next = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: { next } });
    }
  },
  component: Shell,
});

const under = <Path extends string>(path: Path) => ({ getParentRoute: () => inside, path });

const welcome = createRoute({
  getParentRoute: () => inside,
  path: '/welcome',
  validateSearch: (search: Record<string, unknown>) => ({ step: text(search['step']) }),
  component: lazyRouteComponent(() => import('../pages/welcome/welcome-page.tsx'), 'WelcomePage'),
});
const overview = createRoute({
  ...under('/'),
  component: lazyRouteComponent(() => import('../pages/overview/overview-page.tsx'), 'OverviewPage'),
});
const backups = createRoute({
  ...under('/backups'),
  component: lazyRouteComponent(() => import('../pages/backups/backups-page.tsx'), 'BackupsPage'),
});
const newBackup = createRoute({
  ...under('/backups/new'),
  component: lazyRouteComponent(() => import('../pages/backups/new-backup-page.tsx'), 'NewBackupPage'),
});
const backup = createRoute({
  ...under('/backups/$backupId'),
  component: lazyRouteComponent(() => import('../pages/backups/backup-page.tsx'), 'BackupPage'),
});
const backupOverview = createRoute({
  getParentRoute: () => backup,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/backups/backup-overview-tab.tsx'), 'BackupOverviewTab'),
});
const backupFiles = createRoute({
  getParentRoute: () => backup,
  path: '/files',
  validateSearch: (search: Record<string, unknown>) => ({ snapshot: text(search['snapshot']), path: text(search['path']) }),
  component: lazyRouteComponent(() => import('../pages/backups/files/files-tab.tsx'), 'FilesTab'),
});
const backupReports = createRoute({
  getParentRoute: () => backup,
  path: '/reports',
  component: lazyRouteComponent(() => import('../pages/backups/backup-reports-tab.tsx'), 'BackupReportsTab'),
});
const backupCommands = createRoute({
  getParentRoute: () => backup,
  path: '/commands',
  component: lazyRouteComponent(() => import('../pages/backups/commands-tab.tsx'), 'CommandsTab'),
});
const backupConfiguration = createRoute({
  getParentRoute: () => backup,
  path: '/configuration',
  component: lazyRouteComponent(() => import('../pages/backups/configuration-tab.tsx'), 'ConfigurationTab'),
});
const backupRetention = createRoute({
  getParentRoute: () => backup,
  path: '/retention',
  component: lazyRouteComponent(() => import('../pages/backups/retention-tab.tsx'), 'RetentionTab'),
});
const storageServers = createRoute({
  ...under('/storage-servers'),
  component: lazyRouteComponent(() => import('../pages/storage-servers/storage-servers-page.tsx'), 'StorageServersPage'),
});
const newStorageServer = createRoute({
  ...under('/storage-servers/new'),
  component: lazyRouteComponent(() => import('../pages/storage-servers/new-storage-server-page.tsx'), 'NewStorageServerPage'),
});
const storageServer = createRoute({
  ...under('/storage-servers/$storageServerId'),
  component: lazyRouteComponent(() => import('../pages/storage-servers/storage-server-page.tsx'), 'StorageServerPage'),
});
const connections = createRoute({
  ...under('/connections'),
  component: lazyRouteComponent(() => import('../pages/connections/connections-page.tsx'), 'ConnectionsPage'),
});
const newConnection = createRoute({
  ...under('/connections/new'),
  component: lazyRouteComponent(() => import('../pages/connections/new-connection-page.tsx'), 'NewConnectionPage'),
});
const connection = createRoute({
  ...under('/connections/$connectionId'),
  component: lazyRouteComponent(() => import('../pages/connections/connection-page.tsx'), 'ConnectionPage'),
});
const reports = createRoute({
  getParentRoute: () => inside,
  path: '/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('../pages/reports/reports-page.tsx'), 'ReportsPage'),
});
const report = createRoute({
  ...under('/reports/$runId'),
  component: lazyRouteComponent(() => import('../pages/reports/run-page.tsx'), 'RunPage'),
});
const admin = createRoute({
  ...under('/admin'),
  component: lazyRouteComponent(() => import('../pages/admin/admin-page.tsx'), 'AdminPage'),
});
const adminProfile = createRoute({
  getParentRoute: () => admin,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/admin/profile-section.tsx'), 'ProfileSection'),
});
const adminPassword = createRoute({
  getParentRoute: () => admin,
  path: '/password',
  component: lazyRouteComponent(() => import('../pages/admin/password-section.tsx'), 'PasswordSection'),
});
const adminTelegram = createRoute({
  getParentRoute: () => admin,
  path: '/telegram',
  component: lazyRouteComponent(() => import('../pages/admin/telegram-section.tsx'), 'TelegramSection'),
});
const adminTokens = createRoute({
  getParentRoute: () => admin,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../pages/admin/tokens-section.tsx'), 'TokensSection'),
});
const adminAudit = createRoute({
  getParentRoute: () => admin,
  path: '/audit',
  component: lazyRouteComponent(() => import('../pages/admin/audit-section.tsx'), 'AuditSection'),
});

const routeTree = root.addChildren([
  signIn,
  signUp,
  inside.addChildren([
    welcome,
    overview,
    backups,
    newBackup,
    backup.addChildren([backupOverview, backupFiles, backupReports, backupRetention, backupCommands, backupConfiguration]),
    storageServers,
    newStorageServer,
    storageServer,
    connections,
    newConnection,
    connection,
    reports,
    report,
    admin.addChildren([adminProfile, adminPassword, adminTelegram, adminTokens, adminAudit]),
  ]),
]);

/** All addresses of the page. Each page's code loads when it is first wanted, or when a link to it is pointed at. */
export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: RouteProblem,
  });
}

export type HoldfastRouter = ReturnType<typeof makeRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: HoldfastRouter;
  }
}
