import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelMatcher } from '../../../../src/resources/services/gpu-model.ts';

/** Names as nvidia-smi, lspci and amd-smi print them. Each is a different model, or a different form of one. */
const names = [
  'NVIDIA GeForce GTX 1060 3GB',
  'NVIDIA GeForce GTX 1060 6GB',
  'NVIDIA GeForce GTX 1080 Ti',
  'GeForce GTX 1650 with Max-Q Design',
  'NVIDIA GeForce GTX 1660',
  'NVIDIA GeForce GTX 1660 SUPER',
  'NVIDIA GeForce GTX 1660 Ti',
  'NVIDIA GeForce RTX 2070 SUPER',
  'NVIDIA GeForce RTX 2080',
  'NVIDIA GeForce RTX 2080 Ti',
  'GeForce RTX 2080 with Max-Q Design',
  'NVIDIA Corporation GA106 [GeForce RTX 3060 Lite Hash Rate] (rev a1)',
  'NVIDIA GeForce RTX 3060 Ti',
  'NVIDIA Corporation GA104M [GeForce RTX 3070 Mobile / Max-Q] (rev a1)',
  'NVIDIA GeForce RTX 3080',
  'NVIDIA Corporation GA102 [GeForce RTX 3080 12GB] (rev a1)',
  'NVIDIA GeForce RTX 3080 Ti',
  'NVIDIA GeForce RTX 3080 Laptop GPU',
  'NVIDIA GeForce RTX 3080 Ti Laptop GPU',
  'NVIDIA GeForce RTX 3090',
  'NVIDIA GeForce RTX 3090 Ti',
  'NVIDIA GeForce RTX 4060 Ti',
  'NVIDIA GeForce RTX 4070',
  'NVIDIA GeForce RTX 4070 SUPER',
  'NVIDIA GeForce RTX 4070 Ti',
  'NVIDIA GeForce RTX 4070 Ti SUPER',
  'NVIDIA GeForce RTX 4090',
  'NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)',
  'NVIDIA GeForce RTX 4090 D',
  'NVIDIA GeForce RTX 4090 Laptop GPU',
  'NVIDIA GeForce RTX 5090',
  'NVIDIA GeForce RTX 5090 D',
  'NVIDIA TITAN X (Pascal)',
  'NVIDIA TITAN Xp',
  'NVIDIA TITAN V',
  'NVIDIA TITAN RTX',
  'Quadro P4000',
  'Quadro RTX 4000',
  'NVIDIA Corporation TU102GL [Quadro RTX 6000/8000] (rev a1)',
  'NVIDIA RTX A1000',
  'NVIDIA RTX A2000 12GB',
  'NVIDIA RTX A4000',
  'NVIDIA RTX A6000',
  'NVIDIA RTX 4000 Ada Generation',
  'NVIDIA RTX 4000 SFF Ada Generation',
  'NVIDIA RTX 6000 Ada Generation',
  'NVIDIA RTX PRO 6000 Blackwell Workstation Edition',
  'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition',
  'NVIDIA T400 4GB',
  'NVIDIA T1000 8GB',
  'Tesla T4',
  'NVIDIA T4G',
  'Tesla K80',
  'Tesla P4',
  'Tesla P40',
  'Tesla P100-PCIE-16GB',
  'Tesla V100-SXM2-16GB',
  'Tesla V100S-PCIE-32GB',
  'NVIDIA A10',
  'NVIDIA A10G',
  'NVIDIA A40',
  'NVIDIA A100-SXM4-40GB',
  'NVIDIA A100-SXM4-80GB',
  'NVIDIA A100 80GB PCIe',
  'NVIDIA Corporation GA100 [A100 PCIe 40GB] (rev a1)',
  'NVIDIA A100-SXM4-40GB MIG 1g.5gb',
  'NVIDIA A100X',
  'GRID A100-10C',
  'NVIDIA A2',
  'NVIDIA L4',
  'NVIDIA L40',
  'NVIDIA L40S',
  'NVIDIA H100 80GB HBM3',
  'NVIDIA H100 PCIe',
  'NVIDIA H100 NVL',
  'NVIDIA H200',
  'NVIDIA H20',
  'NVIDIA GH200 480GB',
  'NVIDIA B200',
  'NVIDIA GB200',
  'AMD Instinct MI250X/MI250',
  'AMD Instinct MI300X',
  'AMD Instinct MI300X OAM',
  'AMD Instinct MI300A',
  'Advanced Micro Devices, Inc. [AMD/ATI] Navi 31 [Radeon RX 7900 XT/7900 XTX/7900M] (rev c8)',
  'AMD Radeon RX 7900 XTX',
  'AMD Radeon RX 7900 XT',
  'AMD Radeon RX 7900 GRE',
  'AMD Radeon RX 6600M',
  'Radeon RX 580 Series',
  'Radeon RX 580 2048SP',
  'Advanced Micro Devices, Inc. [AMD/ATI] Vega 10 XL/XT [Radeon RX Vega 56/64] (rev c1)',
  'AMD Radeon VII',
  'Advanced Micro Devices, Inc. [AMD/ATI] Vega 20 [Radeon Pro VII/Radeon Instinct MI50 32GB] (rev 06)',
  'AMD Radeon PRO W6800',
  'AMD Radeon PRO W7900',
  'Radeon Pro WX 7100 Graphics',
  'Intel(R) Arc(TM) A770 Graphics',
] as const;
type Name = (typeof names)[number];

const a100: readonly Name[] = [
  'NVIDIA A100-SXM4-40GB',
  'NVIDIA A100-SXM4-80GB',
  'NVIDIA A100 80GB PCIe',
  'NVIDIA Corporation GA100 [A100 PCIe 40GB] (rev a1)',
];
const rtx4090: readonly Name[] = ['NVIDIA GeForce RTX 4090', 'NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)'];
const navi31 = 'Advanced Micro Devices, Inc. [AMD/ATI] Navi 31 [Radeon RX 7900 XT/7900 XTX/7900M] (rev c8)';
const vega20 = 'Advanced Micro Devices, Inc. [AMD/ATI] Vega 20 [Radeon Pro VII/Radeon Instinct MI50 32GB] (rev 06)';
const vega10 = 'Advanced Micro Devices, Inc. [AMD/ATI] Vega 10 XL/XT [Radeon RX Vega 56/64] (rev c1)';
const mobile3070 = 'NVIDIA Corporation GA104M [GeForce RTX 3070 Mobile / Max-Q] (rev a1)';

/** Equivalent queries, and all names that they match. */
const table: readonly (readonly [queries: readonly string[], matched: readonly Name[]])[] = [
  [['A100', 'a100', 'A 100', 'NVIDIA A100', 'Tesla A100'], a100],
  [
    ['A100 80GB', 'a100 80 gb', 'A100-80G', '80GB A100'],
    ['NVIDIA A100-SXM4-80GB', 'NVIDIA A100 80GB PCIe'],
  ],
  [
    ['A100 SXM', 'A100-SXM4'],
    ['NVIDIA A100-SXM4-40GB', 'NVIDIA A100-SXM4-80GB'],
  ],
  [['A100 PCIe'], ['NVIDIA A100 80GB PCIe', 'NVIDIA Corporation GA100 [A100 PCIe 40GB] (rev a1)']],
  [['A100 SXM5', '100', 'A1', 'RTX A100', '4091', '409', 'RX 4090', 'GTX 4090'], []],
  [['A100X'], ['NVIDIA A100X']],
  [['A10'], ['NVIDIA A10']],
  [['A10G'], ['NVIDIA A10G']],
  [['A2'], ['NVIDIA A2']],
  [['A40'], ['NVIDIA A40']],
  [['A1000', 'RTX A1000', 'rtxa1000'], ['NVIDIA RTX A1000']],
  [['A2000'], ['NVIDIA RTX A2000 12GB']],
  [['A4000'], ['NVIDIA RTX A4000']],
  [['A6000', 'RTX A6000', 'Quadro RTX A6000', 'rtx-a6000'], ['NVIDIA RTX A6000']],
  [['T4', 't 4', 'Tesla T4', 'NVIDIA T4'], ['Tesla T4']],
  [['T4G'], ['NVIDIA T4G']],
  [['T400'], ['NVIDIA T400 4GB']],
  [['T1000'], ['NVIDIA T1000 8GB']],
  [['K80'], ['Tesla K80']],
  [['P4'], ['Tesla P4']],
  [['P40'], ['Tesla P40']],
  [['P4000', 'Quadro P4000'], ['Quadro P4000']],
  [['P100'], ['Tesla P100-PCIE-16GB']],
  [['V100', 'V100 16GB', 'V100-SXM2'], ['Tesla V100-SXM2-16GB']],
  [['V100S'], ['Tesla V100S-PCIE-32GB']],
  [['L4'], ['NVIDIA L4']],
  [['L40', 'L 40'], ['NVIDIA L40']],
  [['L40S', 'l 40s'], ['NVIDIA L40S']],
  [['H100'], ['NVIDIA H100 80GB HBM3', 'NVIDIA H100 PCIe', 'NVIDIA H100 NVL']],
  [['H100 NVL'], ['NVIDIA H100 NVL']],
  [['H100 HBM3'], ['NVIDIA H100 80GB HBM3']],
  [['H200'], ['NVIDIA H200']],
  [['H20'], ['NVIDIA H20']],
  [['GH200'], ['NVIDIA GH200 480GB']],
  [['B200'], ['NVIDIA B200']],
  [['GB200', 'gb 200'], ['NVIDIA GB200']],
  [
    ['4090', 'rtx4090', 'RTX 4090', ' rtx  4090 ', 'RTX-4090', 'GeForceRTX4090', 'NVIDIA GeForce RTX 4090 GPU'],
    rtx4090,
  ],
  [['AD102'], ['NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)']],
  [['4090d', '4090 D', 'rtx4090d', 'RTX 4090 D'], ['NVIDIA GeForce RTX 4090 D']],
  [['4090 laptop', 'RTX 4090 Laptop GPU', '4090 mobile'], ['NVIDIA GeForce RTX 4090 Laptop GPU']],
  [['5090'], ['NVIDIA GeForce RTX 5090']],
  [['5090D'], ['NVIDIA GeForce RTX 5090 D']],
  [['4070'], ['NVIDIA GeForce RTX 4070']],
  [['4070 super', '4070S'], ['NVIDIA GeForce RTX 4070 SUPER']],
  [['4070 Ti', '4070ti'], ['NVIDIA GeForce RTX 4070 Ti']],
  [['4070 Ti SUPER', '4070tisuper', 'rtx4070ti super'], ['NVIDIA GeForce RTX 4070 Ti SUPER']],
  [['4060ti', 'RTX 4060 Ti'], ['NVIDIA GeForce RTX 4060 Ti']],
  [['3090'], ['NVIDIA GeForce RTX 3090']],
  [['3080'], ['NVIDIA GeForce RTX 3080', 'NVIDIA Corporation GA102 [GeForce RTX 3080 12GB] (rev a1)']],
  [['3080 12GB'], ['NVIDIA Corporation GA102 [GeForce RTX 3080 12GB] (rev a1)']],
  [['3080 Ti'], ['NVIDIA GeForce RTX 3080 Ti']],
  [['3080 laptop'], ['NVIDIA GeForce RTX 3080 Laptop GPU']],
  [['3080 Ti laptop'], ['NVIDIA GeForce RTX 3080 Ti Laptop GPU']],
  [['3070'], []],
  [['3070 Max-Q', '3070 mobile', '3070 Laptop'], [mobile3070]],
  [['3060'], ['NVIDIA Corporation GA106 [GeForce RTX 3060 Lite Hash Rate] (rev a1)']],
  [['2080'], ['NVIDIA GeForce RTX 2080']],
  [['2080 max-q', '2080 MaxQ'], ['GeForce RTX 2080 with Max-Q Design']],
  [['2070s'], ['NVIDIA GeForce RTX 2070 SUPER']],
  [['2070'], []],
  [['1660'], ['NVIDIA GeForce GTX 1660']],
  [['GTX 1660 SUPER', 'gtx1660s'], ['NVIDIA GeForce GTX 1660 SUPER']],
  [['gtx1080ti'], ['NVIDIA GeForce GTX 1080 Ti']],
  [['GTX 1060'], ['NVIDIA GeForce GTX 1060 3GB', 'NVIDIA GeForce GTX 1060 6GB']],
  [['GTX 1060 6GB'], ['NVIDIA GeForce GTX 1060 6GB']],
  [['titan x', 'TitanX', 'TITAN X Pascal'], ['NVIDIA TITAN X (Pascal)']],
  [['titan xp'], ['NVIDIA TITAN Xp']],
  [['titanrtx'], ['NVIDIA TITAN RTX']],
  [['RTX 4000', 'Quadro RTX 4000', '4000'], ['Quadro RTX 4000']],
  [['RTX 4000 Ada', '4000 ada generation'], ['NVIDIA RTX 4000 Ada Generation']],
  [['RTX 4000 SFF Ada'], ['NVIDIA RTX 4000 SFF Ada Generation']],
  [['RTX 6000', '6000'], ['NVIDIA Corporation TU102GL [Quadro RTX 6000/8000] (rev a1)']],
  [['RTX 8000'], ['NVIDIA Corporation TU102GL [Quadro RTX 6000/8000] (rev a1)']],
  [['RTX 6000 Ada'], ['NVIDIA RTX 6000 Ada Generation']],
  [['RTX PRO 6000', 'rtxpro6000', 'pro 6000 workstation'], ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition']],
  [['RTX PRO 6000 Max-Q'], ['NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition']],
  [
    ['RX 7900 XTX', '7900xtx', 'rx7900xtx', 'AMD Radeon RX 7900 XTX'],
    [navi31, 'AMD Radeon RX 7900 XTX'],
  ],
  [['7900 XT'], [navi31, 'AMD Radeon RX 7900 XT']],
  [['7900 GRE'], ['AMD Radeon RX 7900 GRE']],
  [['7900M'], [navi31]],
  [['7900'], []],
  [['6600m'], ['AMD Radeon RX 6600M']],
  [['RX 580', 'rx580'], ['Radeon RX 580 Series']],
  [['RX 580 2048SP'], ['Radeon RX 580 2048SP']],
  [['Vega 56'], [vega10]],
  [['vega64', 'RX Vega 64'], [vega10]],
  [['Radeon VII'], ['AMD Radeon VII']],
  [['Radeon Pro VII'], [vega20]],
  [['MI50'], [vega20]],
  [['MI250', 'MI 250'], ['AMD Instinct MI250X/MI250']],
  [['MI250X'], ['AMD Instinct MI250X/MI250']],
  [
    ['MI300X', 'Instinct MI 300X'],
    ['AMD Instinct MI300X', 'AMD Instinct MI300X OAM'],
  ],
  [['MI300A'], ['AMD Instinct MI300A']],
  [['MI300'], []],
  [['W6800'], ['AMD Radeon PRO W6800']],
  [['Radeon Pro W7900'], ['AMD Radeon PRO W7900']],
  [['WX7100', 'WX 7100'], ['Radeon Pro WX 7100 Graphics']],
  [['A770', 'Arc A770', 'arca770'], ['Intel(R) Arc(TM) A770 Graphics']],
  [['TITAN'], []],
];

describe('A query matches the names of its model, and no others', () => {
  const cases = table.flatMap(([queries, matched]) => queries.map((query) => [query, matched] as const));
  test.each(cases)('%s', (query, matched) => {
    expect(names.filter(modelMatcher(query))).toEqual(names.filter((name) => matched.includes(name)));
  });

  test.each([
    ['geforce', /GeForce/],
    ['Radeon', /Radeon/],
    ['nvidia', /NVIDIA/],
    ['rtx', /RTX/],
    ['laptop', /Laptop|Mobile/],
    ['Ti', /\bTi\b/],
    ['ada generation', /Ada/],
    ['RTX PRO', /RTX PRO/],
    ['80GB', /\b80GB/],
  ])('%s, without a number: every name with these words', (query, pattern) => {
    expect(names.filter(modelMatcher(query))).toEqual(names.filter((name) => pattern.test(name)));
  });
});

describe('For any name', () => {
  const plain = names.filter((name) => !/[[/]/.test(name));

  test.each(plain)('%s matches itself, in any letter case and with other separators', (name) => {
    expect(
      [name, name.toUpperCase(), name.toLowerCase(), name.replaceAll(' ', '-')].map((each) => modelMatcher(each)(name)),
    ).toEqual(Array(4).fill(true));
  });

  test('a query never throws, is deterministic, and does not depend on case.', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...names, ...table.flatMap(([queries]) => queries)),
    );
    fc.assert(
      fc.property(text, text, (query, name) => {
        const matcher = modelMatcher(query);
        expect(matcher(name)).toBe(matcher(name));
        expect(modelMatcher(query.toUpperCase().toLowerCase())(name)).toBe(modelMatcher(query.toLowerCase())(name));
      }),
      { seed: 20_261_130, numRuns: 1_000 },
    );
  });

  test('neither the memory nor a count before the name makes it another model.', () => {
    const forms = [
      '2x NVIDIA GeForce RTX 4090',
      'NVIDIA GeForce RTX 4090, 24564 MiB',
      'RTX 4090 24 GB',
      'rtx4090 (24GiB)',
    ];
    expect(forms.map(modelMatcher('RTX 4090'))).toEqual(forms.map(() => true));
  });

  test('memory after a slash belongs to the model before it, also for laptops.', () => {
    const laptop = 'NVIDIA Corporation GA104M [GeForce RTX 3080 Mobile / Max-Q 8GB/16GB] (rev a1)';
    const queries = ['3080', '3080 16GB', '3080 laptop', '3080 Max-Q', '3080 Max-Q 8GB', '3080 Max-Q 16GB'];
    expect(queries.map((query) => modelMatcher(query)(laptop))).toEqual([false, false, true, true, true, true]);
    const sizes = ['1060', '1060 3GB', '1060 6GB'];
    expect(sizes.map((query) => modelMatcher(query)('GeForce GTX 1060 3GB/6GB'))).toEqual([true, true, true]);
  });

  test.each(['A100 1g.5gb', 'A100-SXM4-40GB-1g.5gb', 'NVIDIA A100 MIG 1g.5gb'])('%s is a slice.', (name) => {
    const queries = ['A100', 'A100 40GB', 'A100 5GB', 'A100 MIG', 'A100 1g.5gb', 'A100 2g.5gb'];
    expect(queries.map((query) => modelMatcher(query)(name))).toEqual([false, false, false, false, true, false]);
  });

  test('a very long name is cut.', () => {
    const name = `${'RTX 4090/'.repeat(100_000)}RTX 3090`;
    expect([modelMatcher('4090')(name), modelMatcher('3090')(name)]).toEqual([true, false]);
  });

  test('a number matches only a name with exactly this number.', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 9999 }), fc.integer({ min: 0, max: 9 }), (number, digit) => {
        const matcher = modelMatcher(String(number));
        expect(matcher(`NVIDIA GeForce RTX ${number}`)).toBe(true);
        for (const other of [`${number}${digit}`, `A${number}`, `${number} Ti`, `${number}D`]) {
          expect(matcher(`NVIDIA GeForce RTX ${other}`)).toBe(false);
        }
      }),
      { seed: 20_261_130, numRuns: 200 },
    );
  });
});
