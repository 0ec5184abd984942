/** Charts, apart from the rest of the page: what draws them is larger than all of it. */
import { lazy } from 'react';

export const OffersChart = lazy(async () => ({ default: (await import('./OffersChart.tsx')).OffersChart }));
export const SpendChart = lazy(async () => ({ default: (await import('./SpendChart.tsx')).SpendChart }));
