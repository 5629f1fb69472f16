//! `offhook join`: takes part in a room without a screen, and prints who is there and what arrives.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's events may become more; what is new is of no interest here"
)]
mod report;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use offhook_client::{
    Client, Code, ConnectionState, Event, Events, Hidden, RoomEvent, RoomId, SentTrack,
    media::{Departure, MediaState, Publication, Recorder, Room, RoomEvents, RoomOptions, RoomUpdate},
};
use offhook_types::{CallId, StreamId};
use tokio::{signal, time};

use super::{
    timeline::{Line, Timeline, line_of},
    tool,
};
use crate::cli::JoinArgs;
use report::Report;

/// How often it is said what arrives.
const INTERVAL: Duration = Duration::from_secs(1);
const NEVER: Duration = Duration::from_secs(365 * 24 * 3_600);
/// What `--publish` calls the moving picture and the tone that this program carries.
const TEST_PATTERN: &str = "test-pattern";

/// A device in a room.
struct Joined {
    end: time::Instant,
    events: Events,
    recording: Option<Recording>,
    report: Report,
    room: Room,
    timeline: Timeline,
    updates: RoomEvents,
}

/// The file, and whose stream it holds: the first that is heard or seen.
struct Recording {
    recorder: Recorder,
    stream: Option<StreamId>,
}

/// Takes part until stopped, until the time is over, or until the room is.
///
/// # Errors
/// The user cannot log in, may not enter, or is sent out; a file cannot be read or written.
pub(crate) async fn run(args: JoinArgs) -> anyhow::Result<()> {
    let timeline = Timeline::begin(args.connection.json);
    let room = room_of(&args)?;
    let publications = publications(&args)?;
    let recording = args.record.as_deref().map(record).transpose()?;
    let (client, mut events) = tool::connect(&args.connection).await?;
    online(&mut events, &timeline).await?;
    let mut options = RoomOptions::new(room.clone());
    options.publications = publications;
    options.token = Some(token(&client, &args, room).await?);
    let (room, updates) = client.join_room(options).await.context("the room cannot be entered")?;
    let stay = args.seconds.map_or(NEVER, |seconds| Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)));
    let report = Report::new(args.connection.user.clone());
    let end = time::Instant::now() + stay;
    let joined = Joined { end, events, recording, report, room, timeline, updates };
    let result = joined.stay().await;
    client.close().await;
    result
}

impl Joined {
    async fn stay(mut self) -> anyhow::Result<()> {
        let mut ticks = time::interval_at(time::Instant::now() + INTERVAL, INTERVAL);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Skip);
        let departure = loop {
            tokio::select! {
                update = self.updates.next() => match update {
                    None => break None,
                    Some(RoomUpdate::Left(departure)) => break Some(departure),
                    Some(update) => self.update(update)?,
                },
                event = self.events.next() => {
                    if let Some(line) = event.as_ref().and_then(line_of) {
                        self.timeline.print(line)?;
                    }
                }
                _ = ticks.tick() => self.tell().await?,
                () = time::sleep_until(self.end) => break None,
                stopped = signal::ctrl_c() => {
                    stopped.context("signals cannot be heard")?;
                    break None;
                }
            }
        };
        self.room.leave().await;
        if let Some(Recording { recorder, .. }) = self.recording {
            recorder.finish().context("the recording cannot be written")?;
        }
        let (word, sentence) = farewell(departure.as_ref());
        self.timeline.print(Line::new("left", sentence).with("cause", word.as_str()))?;
        match departure {
            None | Some(Departure::Told(offhook_client::LeaveCause::Ended)) => Ok(()),
            Some(_) => bail!("out of the room: {word}"),
        }
    }

    fn update(&mut self, update: RoomUpdate) -> anyhow::Result<()> {
        let line = match update {
            RoomUpdate::Event(event) => return self.event(&event),
            RoomUpdate::Frame(frame) => {
                self.report.frame(&frame);
                return self.record(&frame.track, &frame.frame);
            }
            RoomUpdate::Media(state) => media(state),
            RoomUpdate::Message(text) => Line::new("channel", format!("on the media connection: {text}")),
            RoomUpdate::Refused(error) => Line::new("refused", format!("not published: {error}")),
            RoomUpdate::Room(view) => self.report.room(&view),
            _ => return Ok(()),
        };
        Ok(self.timeline.print(line)?)
    }

    fn event(&mut self, event: &RoomEvent) -> anyhow::Result<()> {
        for line in self.report.event(event) {
            self.timeline.print(line)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        track: &Arc<SentTrack>,
        frame: &offhook_client::media::ReceivedFrame,
    ) -> anyhow::Result<()> {
        let Some(Recording { recorder, stream }) = &mut self.recording else { return Ok(()) };
        if stream.get_or_insert_with(|| track.stream.clone()) == &track.stream {
            recorder.write(frame).context("the recording cannot be written")?;
        }
        Ok(())
    }

    async fn tell(&mut self) -> anyhow::Result<()> {
        // The room may be over; its end is told by an update.
        let Ok(statistics) = self.room.statistics().await else { return Ok(()) };
        Ok(self.timeline.print(self.report.second(&statistics))?)
    }
}

async fn online(events: &mut Events, timeline: &Timeline) -> anyhow::Result<()> {
    loop {
        let event = events.next().await.context("the client stopped")?;
        if let Some(line) = line_of(&event) {
            timeline.print(line)?;
        }
        match event {
            Event::Connection(ConnectionState::Online { .. }) => return Ok(()),
            Event::Connection(ConnectionState::Stopped(reason)) => {
                bail!("the server does not let the user in: {reason:?}")
            }
            _ => {}
        }
    }
}

/// A token of the room. Who is invited to its call accepts; who is not in it yet joins it.
async fn token(client: &Client, args: &JoinArgs, room: RoomId) -> anyhow::Result<Hidden> {
    let refusal = match client.room_token(room.clone()).await {
        Ok(token) => return Ok(token.token),
        Err(error) => error,
    };
    let may_enter = match &refusal {
        offhook_client::Error::Problem(problem) => problem.code == Code::RoomForbidden,
        _ => false,
    };
    let Some(call) = args.call.as_deref().filter(|_| may_enter) else {
        return Err(refusal).context("the server gives no token for the room");
    };
    let call: CallId = call.parse().context("--call is not a call's id")?;
    let entered = match client.accept(call).await {
        Ok(reply) => reply,
        Err(_) => {
            client.join(call).await.context("the user is not invited to the call and may not join it")?
        }
    };
    match entered.room {
        Some(token) => Ok(token.token),
        None => Ok(client.room_token(room).await.context("the server gives no token for the room")?.token),
    }
}

fn room_of(args: &JoinArgs) -> anyhow::Result<RoomId> {
    match (&args.call, &args.room) {
        (Some(call), _) => Ok(call.parse::<CallId>().context("--call is not a call's id")?.into()),
        (None, Some(room)) => RoomId::new(room).context("--room is not a room's id"),
        (None, None) => bail!("name a --call or a --room"),
    }
}

fn publications(args: &JoinArgs) -> anyhow::Result<Vec<Publication>> {
    let one = |(number, what): (usize, &String)| {
        let name = format!("{}-{number}", args.connection.user);
        let stream = StreamId::new(name).context("no stream's id can be made of --user")?;
        if what == TEST_PATTERN {
            return Ok(Publication::test_pattern(stream));
        }
        Publication::load(stream, what).with_context(|| format!("{what} cannot be published"))
    };
    args.publish.iter().enumerate().map(one).collect()
}

fn record(path: &Path) -> anyhow::Result<Recording> {
    let recorder =
        Recorder::create(path).with_context(|| format!("{} cannot be recorded", path.display()))?;
    Ok(Recording { recorder, stream: None })
}

fn media(state: MediaState) -> Line {
    match state {
        MediaState::Connected => Line::new("media", "media is connected").with("state", "connected"),
        MediaState::Interrupted => Line::new("media", "nothing is heard").with("state", "interrupted"),
        MediaState::Resumed => Line::new("media", "media is back").with("state", "resumed"),
    }
}

fn farewell(departure: Option<&Departure>) -> (String, String) {
    match departure {
        None => ("left".into(), "left the room".into()),
        Some(Departure::ClientStopped) => {
            ("client_stopped".into(), "out of the room: the session is over".into())
        }
        Some(Departure::MediaClosed) => ("media_closed".into(), "out of the room: media closed".into()),
        Some(Departure::Told(cause)) => {
            (cause.as_str().into(), format!("out of the room: {}", cause.as_str().replace('_', " ")))
        }
    }
}
