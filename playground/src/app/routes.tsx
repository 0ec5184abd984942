import { createBrowserRouter, createHashRouter, Navigate } from 'react-router';
import { AccountPage } from '../pages/AccountPage.tsx';
import { AppsPage } from '../pages/AppsPage.tsx';
import { DashboardPage } from '../pages/DashboardPage.tsx';
import { DiagnosticsPage } from '../pages/diagnostics/DiagnosticsPage.tsx';
import { IdleJobsPage } from '../pages/IdleJobsPage.tsx';
import { NetworkPage } from '../pages/NetworkPage.tsx';
import { NotFoundPage } from '../pages/NotFoundPage.tsx';
import { NodePage } from '../pages/nodes/NodePage.tsx';
import { NodesPage } from '../pages/nodes/NodesPage.tsx';
import { ServicesPage } from '../pages/services/ServicesPage.tsx';
import { SessionPage } from '../pages/sessions/SessionPage.tsx';
import { SessionsPage } from '../pages/sessions/SessionsPage.tsx';
import { Crash } from './Crash.tsx';
import { Shell } from './Shell.tsx';
import { isStatic } from './static.ts';

// Where there are only files, no other path than that of the page can be asked for.
const createRouter = isStatic ? createHashRouter : createBrowserRouter;

export const router = createRouter([
  {
    element: <Shell />,
    errorElement: <Crash />,
    children: [
      { index: true, element: <DashboardPage /> },
      { path: 'network', element: <NetworkPage /> },
      { path: 'account', element: <AccountPage /> },
      { path: 'apps', element: <AppsPage /> },
      { path: 'nodes', element: <NodesPage /> },
      { path: 'nodes/:id', element: <NodePage /> },
      { path: 'sessions', element: <Navigate to="/sessions/active" replace /> },
      { path: 'sessions/active', element: <SessionsPage recent={false} /> },
      { path: 'sessions/recent', element: <SessionsPage recent /> },
      { path: 'sessions/:uuid', element: <SessionPage /> },
      { path: 'services', element: <Navigate to="/services/mr" replace /> },
      { path: 'services/:kind', element: <ServicesPage /> },
      { path: 'idle-jobs', element: <IdleJobsPage /> },
      { path: 'diagnostics', element: <Navigate to="/diagnostics/calls" replace /> },
      { path: 'diagnostics/:tab', element: <DiagnosticsPage /> },
      { path: '*', element: <NotFoundPage /> },
    ],
  },
]);
