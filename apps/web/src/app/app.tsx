import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ErrorBoundary } from '../parts/error-boundary.tsx';
import type { HoldfastRouter } from './make-router.ts';
import { theme } from './theme.ts';

export interface AppProps {
  readonly queries: QueryClient;
  readonly router: HoldfastRouter;
}

/** Everything the page needs around it. */
export function App({ queries, router }: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Notifications position="bottom-right" limit={4} />
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  );
}
