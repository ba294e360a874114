/** The words of the console in its two languages. Sentences that the daemon makes for engineers stay in English. */
export type Language = 'en' | 'zh'

const words = {
  network: ['Network', '网络'],
  incidents: ['Incidents', '故障事件'],
  reports: ['Fault reports', '客户报修'],
  messages: ['Messages to customers', '客户通知'],
  element: ['Element', '网元'],
  demo: [
    'Demo network: simulated elements on this machine. No real network is polled and no real customer is told.',
    '演示网络:网元均为本机模拟,不会轮询真实网络,也不会通知真实客户。',
  ],
  live: ['live', '实时'],
  offline: ['reconnecting', '正在重连'],
  answering: ['answering', '正常应答'],
  dark: ['not answering', '无应答'],
  missing: ['missed a poll', '漏应答'],
  unknown: ['not measured', '未测量'],
  shadowed: ['shadowed', '被遮蔽'],
  rootCause: ['Root cause', '根因'],
  root: ['root cause', '根因'],
  openIncidents: ['open incidents', '未结故障'],
  customersAffected: ['customers affected', '受影响客户'],
  toldFirst: ['told before they called', '报修前已告知'],
  notReady: ['not ready', '未就绪'],
  degradedReady: ['partly ready', '部分就绪'],
  ready: ['ready', '就绪'],
  noIncidents: ['Nothing is wrong. All that is polled answers.', '一切正常,所有被轮询网元均有应答。'],
  noReports: ['No customer has reported a fault.', '暂无客户报修。'],
  noMessages: ['No message was sent.', '暂无通知。'],
  choose: [
    'Choose an element in the network to see its latency and traffic.',
    '在网络图中选择网元以查看时延与流量。',
  ],
  latency: ['Latency and loss', '时延与丢包'],
  traffic: ['Traffic', '流量'],
  time: ['time', '时间'],
  rtt: ['round trip, ms', '往返时延 ms'],
  loss: ['loss, %', '丢包 %'],
  trafficIn: ['in', '入'],
  trafficOut: ['out', '出'],
  noData: ['No samples in this range.', '该时段没有样本。'],
  why: ['Why', '依据'],
  impact: ['Impact', '影响'],
  hidden: ['Hidden behind it', '被遮蔽网元'],
  log: ['Log', '日志'],
  alarms: ['Alarms', '告警'],
  services: ['services', '业务'],
  customers: ['customers', '客户'],
  service: ['Service', '业务'],
  customer: ['Customer', '客户'],
  now: ['Now', '当前'],
  worst: ['Worst', '最差'],
  down: ['down', '中断'],
  degraded: ['degraded', '劣化'],
  atRisk: ['at risk', '有风险'],
  fine: ['works', '正常'],
  acknowledge: ['Acknowledge', '确认'],
  setEta: ['Set ETA', '设定预计恢复'],
  addNote: ['Add note', '添加备注'],
  minutesFromNow: ['minutes from now', '分钟后'],
  note: ['note', '备注'],
  save: ['Save', '保存'],
  close: ['Close', '关闭'],
  since: ['since', '自'],
  lasted: ['lasted', '持续'],
  eta: ['ETA', '预计恢复'],
  onset: ['onset', '发生'],
  detected: ['detected', '发现'],
  firstReport: ['first report', '首次报修'],
  firstMessage: ['first message', '首次通知'],
  restored: ['restored', '恢复'],
  matched: ['matched', '已匹配'],
  suspected: ['suspected', '疑似'],
  'no-fault-seen': ['no network fault seen', '未见网络故障'],
  unknownVerdict: ['unknown', '未知'],
  score: ['score', '得分'],
  evidence: ['evidence', '证据'],
  coverage: ['coverage', '覆盖率'],
  newReport: ['New report', '新建报修'],
  symptom: ['Symptom', '现象'],
  description: ['In the customer’s words', '客户描述'],
  send: ['Send', '提交'],
  waiting: ['…', '…'],
  'no-service': ['no service', '无法使用'],
  slow: ['slow', '慢'],
  'slow-evening': ['slow in the evening', '晚高峰慢'],
  intermittent: ['comes and goes', '时断时续'],
  lossSymptom: ['loss', '丢包'],
  latencySymptom: ['latency', '时延高'],
  other: ['other', '其他'],
  outage: ['outage', '中断'],
  degradation: ['degradation', '劣化'],
  redundancy: ['redundancy lost', '冗余丧失'],
  agent: ['agent silent', '代理无应答'],
  blind: ['monitor cut off', '监测点失联'],
  progress: ['progress', '进展'],
  open: ['open', '待处理'],
  acknowledged: ['acknowledged', '已确认'],
  inProgress: ['in progress', '处理中'],
  held: ['held', '挂起'],
  resolved: ['resolved', '已恢复'],
  closed: ['closed', '已关闭'],
  queued: ['queued', '排队'],
  sending: ['sending', '发送中'],
  sent: ['sent', '已发送'],
  delivered: ['delivered', '已送达'],
  failed: ['failed', '失败'],
  uncertain: ['uncertain', '不确定'],
  expired: ['expired', '过期'],
  withdrawn: ['withdrawn', '已撤回'],
  linked: ['linked', '已关联'],
  suggested: ['suggested', '建议'],
  unlinked: ['unlinked', '已取消关联'],
  token: ['API token', 'API 令牌'],
  signIn: ['Sign in', '登录'],
  signInHint: [
    'This console needs a token. Make one with: faultline token create --config FILE --role noc --name NAME',
    '需要令牌。创建方法:faultline token create --config FILE --role noc --name NAME',
  ],
  moreHealthy: ['more that answer are not drawn', '个正常网元未显示'],
  speed: ['speed', '速率'],
  oper: ['status', '状态'],
} as const satisfies Record<string, readonly [en: string, zh: string]>

export type Word = keyof typeof words

let language: Language = 'en'
export const currentLanguage = (): Language => language
export function useLanguage(chosen: Language): void {
  language = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
  localStorage.setItem('faultline.language', chosen)
}
/** What was chosen last on this browser, else what the browser prefers. */
export const preferredLanguage = (): Language => {
  const chosen = localStorage.getItem('faultline.language') ?? navigator.language
  return chosen.startsWith('zh') ? 'zh' : 'en'
}

/** The word in the chosen language. */
export const t = (word: Word): string => words[word][language === 'zh' ? 1 : 0]

/** For words that come from the API; one that we do not know is shown as it is. */
export const tr = (word: string): string => (word in words ? t(word as Word) : word)
