import { useQuery } from '@tanstack/react-query';
import { useOcta } from './octa.ts';

/** Unit: USD per OCTA; undefined until it is known. */
export function useMarketPrice(): number | undefined {
  const { queries } = useOcta();
  return useQuery({ ...queries.network.get(), staleTime: 60_000 }).data?.market_price;
}
