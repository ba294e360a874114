import type { TemplateWords } from './template-words.ts'

const are = (many: boolean) => (many ? 'are' : 'is')

export const en: TemplateWords = {
  tag: 'en-GB',
  and: ' and ',
  betweenSentences: ' ',
  classes: {
    broadband: 'broadband service',
    'leased-line': 'leased line',
    voice: 'telephone service',
    iptv: 'television service',
    mobile: 'mobile service',
    other: 'service',
  },
  service: (classWord, id) => `${classWord} ${id}`,
  greeting: (name) => `Dear ${name},`,
  subject: {
    outage: (services, worst, many) =>
      worst === 'down'
        ? `Your ${services} ${are(many)} not working`
        : worst === 'degraded'
          ? `Your ${services} ${are(many)} working badly`
          : `Your ${services} ${many ? 'have' : 'has'} no spare line at present`,
    progress: (services) => `News about your ${services}`,
    restored: (services, many) => `Your ${services} ${are(many)} working again`,
  },
  suffers: {
    down: (services, many) => `Your ${services} ${are(many)} not working.`,
    degraded: (services, many) => `Your ${services} ${are(many)} working, but slowly or with interruptions.`,
    atRisk: (services, many) => `Your ${services} ${are(many)} working, but without a spare line.`,
  },
  since: (time) => `This began on ${time}.`,
  ourFault:
    'The fault is in our network and not in your equipment. We are repairing it; you need not report it.',
  eta: (time) =>
    `We expect everything to work again by ${time}. If that changes, we will write to you again.`,
  noEta:
    'We cannot say yet how long it will take. We will write to you as soon as we know, and again when it works.',
  newEta: (services, time) =>
    `We are still repairing your ${services}. We now expect everything to work again by ${time}.`,
  noNewEta: (services) => `We are still repairing your ${services}. We cannot say yet how long it will take.`,
  whatToDo: {
    down: 'Please leave your modem and router switched on; they will connect again by themselves.',
    degraded: 'Please put off large downloads. There is no need to restart anything.',
    atRisk: 'There is nothing that you need to do.',
  },
  worksAgain: (services, many) => `Your ${services} ${are(many)} working again.`,
  lasted: (from, until) => `The fault lasted from ${from} until ${until}.`,
  ifNot:
    'If it still does not work for you, please switch your modem and router off for a minute and on again. If that does not help, please contact us.',
  sorry: 'We are sorry for the trouble.',
  reference: (id) => `If you contact us, please mention: ${id}`,
}
