// Runs in the page before anything else, and tells what the browser itself counts: it knows nothing of the page's code but
// which element shows whom.

/** @this {Window} */
export function witness() {
  const connections = [];
  const sockets = [];
  const sent = [];
  const remote = new Set();
  let firstPicture = null;
  let isCut = false;

  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      connections.push(this);
      this.addEventListener("track", ({ track }) => remote.add(track.id));
    }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      // While the network is cut, no connection comes about.
      super(isCut ? new URL("/cut", url) : url, protocols);
      sockets.push(this);
    }

    send(text) {
      sent.push(JSON.parse(text).type);
      super.send(text);
    }
  };

  const live = () => connections.filter(({ connectionState }) => connectionState !== "closed");
  const reports = async () => {
    const all = await Promise.all(live().map((connection) => connection.getStats()));
    return new Map(all.flatMap((each) => [...each]));
  };

  const watched = new WeakSet();
  const watch = () => {
    for (const video of document.querySelectorAll("video")) {
      if (watched.has(video)) continue;
      watched.add(video);
      const shown = (now) => {
        const isRemote = video.srcObject?.getVideoTracks().some(({ id }) => remote.has(id));
        if (isRemote) firstPicture ??= performance.timeOrigin + now;
        else video.requestVideoFrameCallback(shown);
      };
      video.requestVideoFrameCallback(shown);
    }
    if (firstPicture === null) requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);

  globalThis.witness = {
    /** When somebody else's picture was shown first, in milliseconds since the epoch. */
    firstPicture: () => firstPicture,

    /** What is received in an element: `[data-user][data-source]`. */
    async received(user, source) {
      const element = document.querySelector(
        `[data-user="${CSS.escape(user)}"][data-source="${source}"]:is(audio), [data-user="${CSS.escape(user)}"][data-source="${source}"] video`,
      );
      const track = element?.srcObject?.getTracks()[0];
      const byId = await reports();
      const report = [...byId.values()].find(
        (each) => each.type === "inbound-rtp" && each.trackIdentifier === track?.id,
      );
      if (!track || !report) return null;
      return {
        packets: report.packetsReceived,
        lost: report.packetsLost,
        frames: report.framesDecoded ?? 0,
        width: report.frameWidth ?? 0,
        height: report.frameHeight ?? 0,
        freezes: report.freezeCount ?? 0,
        samples: report.totalSamplesReceived ?? 0,
        energy: report.totalAudioEnergy ?? 0,
        codec: byId.get(report.codecId)?.mimeType ?? "",
      };
    },

    /** Every track that is received. */
    async inbound() {
      const all = [...(await reports()).values()].filter(({ type }) => type === "inbound-rtp");
      return all.map(({ trackIdentifier, kind, framesDecoded, packetsReceived, totalAudioEnergy, frameWidth }) => ({
        id: trackIdentifier,
        kind,
        frames: framesDecoded ?? 0,
        packets: packetsReceived,
        energy: totalAudioEnergy ?? 0,
        width: frameWidth ?? 0,
      }));
    },

    /** How the packets travel, and whether they are encrypted. */
    async path() {
      const byId = await reports();
      const transport = [...byId.values()].find((each) => each.type === "transport" && each.selectedCandidatePairId);
      const pair = byId.get(transport?.selectedCandidatePairId);
      const local = byId.get(pair?.localCandidateId);
      const remote = byId.get(pair?.remoteCandidateId);
      if (!local || !remote) return null;
      const { candidateType, protocol, relayProtocol } = local;
      return { local: candidateType, protocol, relayProtocol, remote: remote.candidateType, dtls: transport.dtlsState };
    },

    /** The encodings that go out. */
    async sent() {
      const pictures = [...(await reports()).values()].filter(
        (each) => each.type === "outbound-rtp" && each.kind === "video",
      );
      return pictures.map(({ rid, frameWidth, framesEncoded }) => ({ rid, width: frameWidth, frames: framesEncoded }));
    },

    connections: () => live().map(({ connectionState }) => connectionState),

    cut() {
      isCut = true;
      for (const socket of sockets) socket.close();
    },
    mend() {
      isCut = false;
    },
    /** The types of the frames that were sent, oldest first. */
    frames: () => sent,

    /** From the wish to enter to the first decoded frame of somebody else, in milliseconds. */
    firstFrame(user) {
      const marks = performance.getEntriesByType("mark");
      const entered = marks.filter(({ name }) => name === "room.enter").at(-1);
      const seen = marks.find(
        ({ name, detail, startTime }) =>
          name === "room.first_frame" && detail === user && startTime >= entered.startTime,
      );
      return seen ? seen.startTime - entered.startTime : null;
    },
  };
}
