import { Container } from '@mantine/core';
import { useRouteError } from 'react-router';
import { ErrorPanel } from '../components/ErrorPanel.tsx';

/** Shown if a page of the playground itself fails. */
export function Crash() {
  const error = useRouteError();
  return (
    <Container py="xl" component="main">
      <ErrorPanel error={error} onRetry={() => location.reload()} />
    </Container>
  );
}
