import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { Empty } from '../components/Empty.tsx';
import { PageHeader } from '../components/PageHeader.tsx';

/** The page for unknown addresses. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Page not found" calls={[]} />
      <Empty>
        This page does not exist.{' '}
        <Anchor component={Link} to="/" underline="always">
          Go to the dashboard
        </Anchor>
      </Empty>
    </>
  );
}
