// Every sentence of the app, in Chinese.
import type { Words } from "./en.js";

const LEG_WORDS: Readonly<Record<string, string>> = {
  accepted: "通话中",
  be_canceled: "邀请已撤回",
  canceled: "已取消呼叫",
  ended: "已结束通话",
  inviting: "已邀请",
  not_yet_received: "尚未送达",
  quit: "已离开",
  received: "响铃中",
  rejected: "已拒绝",
  timed_out: "无应答",
};
const CAUSE_WORDS: Readonly<Record<string, string>> = {
  all_left: "所有人都已离开",
  answered: "所有人都已答复",
  caller_left: "主叫已离开",
  caller_lost: "主叫已断线",
  canceled: "呼叫已取消",
  ended: "有人挂断",
  last_one_left: "没有其他人了",
  max_age: "达到最长通话时间",
  rejected: "无人接听",
  unanswered: "无应答",
};
const LEFT_OUT_WORDS: Readonly<Record<string, string>> = {
  already_accepted: "已经接听",
  already_in_call: "已在通话中",
  not_ringing: "没有在响铃",
  unregistered: "用户不存在",
};

const leg = (status: string, reason?: string): string => (reason === "busy" ? "忙线" : (LEG_WORDS[status] ?? status));

export const zh: Words = {
  choice: {
    title: "您是谁？",
    lead: "每个标签页都是一台独立的设备。并排打开两个人，然后开始呼叫。",
    be: (name) => `以 ${name} 的身份进入`,
    newTab: (name) => `在新标签页中打开 ${name}`,
    somebody: "其他人",
    hint: "1 到 32 个字母、数字或符号，不含空格",
    go: "继续",
    rooms: "没有呼叫的房间",
  },
  shell: {
    places: { people: "联系人", recents: "最近通话", settings: "设置" },
    pages: "页面",
    skip: "跳到页面内容",
    call: "通话",
    doNotDisturb: "勿扰",
    trace: "跟踪",
    me: "您是",
    change: "换一个身份",
    connection: {
      backoff: (seconds) => (seconds > 0 ? `${seconds} 秒后重新连接` : "正在重新连接"),
      connecting: "正在连接",
      disconnected: "未连接",
      online: "已连接",
      stopped: "离线",
    },
    loggedOut: "您已在此设备上退出登录，此处不会响铃。",
    away: "无法连接到服务器。恢复后通话会立即继续。",
    connect: "连接",
    broken: "页面出错了。",
    brokenHint: "这不应该发生。重新加载页面后，仍在进行的通话还在。",
    reload: "重新加载",
    loading: "请稍候",
  },
  people: {
    title: "联系人",
    presence: { in_call: "通话中", offline: "离线", online: "在线" },
    stale: "目前无法得知谁在线。",
    voice: (name) => `语音呼叫 ${name}`,
    video: (name) => `视频呼叫 ${name}`,
    alone: "这里还没有其他人。",
    aloneHint: (name) => `在第二个窗口中打开 ${name}，并排放置，然后呼叫。`,
    open: (name) => `打开 ${name}`,
    group: "多人通话",
    groupTitle: "要呼叫谁？",
    groupVoice: "语音通话",
    groupVideo: "视频通话",
    chosen: (count, most) => `已选 ${count} 人，最多 ${most} 人`,
    stop: "取消",
    add: "添加联系人",
    addField: "对方的 ID",
    badId: "ID 由 1 到 32 个字母、数字或符号组成，不含空格。",
    itIsYou: "这是您自己。",
    remove: (name) => `移除 ${name}`,
    none: "还没有联系人。请输入 ID 添加。",
  },
  recents: { title: "最近通话" },
  settings: {
    title: "设置",
    reaching: "您接到的通话",
    placing: "您发起的通话",
    mode: "通话类型",
    modeChoices: { advanced: "持续到有人挂断，可以添加成员", general: "所有人答复后，服务器即视为结束" },
    ring: "响铃时长",
    seconds: (count) => `${count} 秒`,
    confirm: "挂断前先询问",
    look: "外观",
    theme: "颜色",
    themeChoices: { auto: "跟随系统", dark: "深色", light: "浅色" },
    language: "语言",
    languageAuto: "跟随浏览器",
    about: "此设备",
    device: "设备",
    server: "服务器",
    logout: "在此设备上退出登录",
    logoutHint: "重新连接之前，此处不会响铃。",
  },
  trace: {
    title: "跟踪",
    close: "关闭跟踪",
    clear: "清空",
    copy: "复制",
    copied: "已复制",
    notCopied: "未能复制",
    cut: "断开连接",
    mend: "重新连接",
    search: "筛选",
    show: "显示内容",
    frames: "帧",
    events: "事件",
    outcomes: "通话方与裁决",
    regular: "心跳",
    thisCall: "仅此通话",
    legs: "最近一次通话的各方",
    noCall: "还没有通话。发起呼叫后，每一步都会显示在这里。",
    nothing: "没有符合筛选条件的内容。",
    lines: "跟踪记录，最早的在前",
    newest: "到最新",
    over: (cause) => `已结束：${CAUSE_WORDS[cause] ?? cause}`,
    legState: leg,
    sent: "已发送",
    received: "已接收",
    kinds: { decision: "裁决", event: "事件", leg: "通话方", note: "备注" },
    leg: (from, to, reason) => (from === undefined ? leg(to, reason) : `${leg(from)} → ${leg(to, reason)}`),
    decision: (decision) => {
      switch (decision.kind) {
        case "ended": {
          const by = decision.end.by === undefined ? "" : `（${decision.end.by}）`;
          return { head: "通话结束", rest: `${CAUSE_WORDS[decision.end.cause] ?? decision.end.cause}${by}` };
        }
        case "left_out":
          return { head: decision.user, rest: LEFT_OUT_WORDS[decision.cause] ?? decision.cause };
        case "main_device":
          return { head: "主设备", rest: decision.device };
        case "merged":
          return { head: "已合并", rest: "双方互相呼叫，合为一个通话" };
        case "refused":
          return { head: `被拒绝：${decision.request}`, rest: decision.code };
      }
    },
  },
};
