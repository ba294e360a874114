import type { TemplateWords } from './template-words.ts'

export const zh: TemplateWords = {
  tag: 'zh-CN',
  and: '、',
  betweenSentences: '',
  classes: {
    broadband: '宽带业务',
    'leased-line': '专线业务',
    voice: '语音业务',
    iptv: '电视业务',
    mobile: '移动业务',
    other: '业务',
  },
  service: (classWord, id) => `${classWord}（编号 ${id}）`,
  greeting: (name) => `尊敬的${name}：`,
  subject: {
    outage: (services, worst) =>
      worst === 'down'
        ? `业务中断通知：${services}`
        : worst === 'degraded'
          ? `业务质量下降通知：${services}`
          : `线路备份失效通知：${services}`,
    progress: (services) => `故障处理进展：${services}`,
    restored: (services) => `业务恢复通知：${services}`,
  },
  suffers: {
    down: (services) => `您的${services}目前无法使用。`,
    degraded: (services) => `您的${services}目前可以使用，但速度变慢或不稳定。`,
    atRisk: (services) => `您的${services}目前正常，但备用线路已失效。`,
  },
  since: (time) => `开始时间：${time}。`,
  ourFault: '故障出在我们的网络上，与您的设备无关。我们正在抢修，您不必再报修。',
  eta: (time) => `预计恢复时间：${time}。如有变化，我们会再通知您。`,
  noEta: '目前还不能确定恢复时间。一旦确定，我们会马上通知您；恢复后也会通知您。',
  newEta: (services, time) => `您的${services}仍在抢修中，最新的预计恢复时间：${time}。`,
  noNewEta: (services) => `您的${services}仍在抢修中，目前还不能确定恢复时间。`,
  whatToDo: {
    down: '请保持光猫和路由器通电，恢复后会自动连上。',
    degraded: '请暂缓较大的下载，不必重启设备，恢复后会自动正常。',
    atRisk: '您不必做任何操作。',
  },
  worksAgain: (services) => `您的${services}已恢复正常。`,
  lasted: (from, until) => `故障时间：${from} 至 ${until}。`,
  ifNot: '如果您仍不能正常使用，请先把光猫和路由器断电一分钟再打开；如仍不行，请联系我们。',
  sorry: '给您带来不便，我们深表歉意。',
  reference: (id) => `联系我们时请提供编号：${id}`,
}
