//! Opus in Ogg (RFC 7845).
use std::io::{Cursor, Write};

use offhook_sfu::endpoint::Codec;
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};

use super::{
    clip::{Clip, ClipError, ClipFrame},
    opus,
};

/// The only stream of the files that are written here.
const SERIAL: u32 = 1;
/// So often a page ends, in samples of 48 kHz: what a crash costs.
const PAGE: u64 = 48_000;

/// Reads the first stream of a file. Packets that are malformed are left out.
pub(crate) fn read(bytes: &[u8]) -> Result<Clip, ClipError> {
    let mut reader = PacketReader::new(Cursor::new(bytes));
    let mut frames = Vec::new();
    let mut at = 0;
    let mut headers = 0;
    while let Some(packet) = reader.read_packet().map_err(|error| ClipError::Format(error.into()))? {
        let magic: &[u8] = match headers {
            0 => b"OpusHead",
            1 => b"OpusTags",
            _ => b"",
        };
        if !packet.data.starts_with(magic) {
            return Err(ClipError::Format("it does not hold Opus".into()));
        }
        headers += 1;
        if let Some(samples) = opus::samples(&packet.data).filter(|_| headers > 2) {
            frames.push(ClipFrame { at, is_keyframe: true, payload: packet.data.into() });
            at += samples;
        }
    }
    Ok(Clip::new(Codec::Opus, frames)?.with_length(at))
}

/// Writes a stream of Opus.
pub(crate) struct Writer<W: Write> {
    /// The packet that is written when the next one, or the end, comes: the last of a stream is marked.
    held: Option<Vec<u8>>,
    page_began: u64,
    writer: PacketWriter<'static, W>,
    /// How many samples have been written.
    written: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(to: W, channels: u8) -> std::io::Result<Self> {
        let mut writer = PacketWriter::new(to);
        writer.write_packet(opus::head(channels), SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        let vendor = b"offhook";
        let mut tags = b"OpusTags".to_vec();
        tags.extend((vendor.len() as u32).to_le_bytes());
        tags.extend(vendor);
        tags.extend(0_u32.to_le_bytes());
        writer.write_packet(tags, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        Ok(Self { held: None, page_began: 0, writer, written: 0 })
    }

    /// How much has been written, in samples of 48 kHz.
    pub(crate) fn position(&self) -> u64 {
        self.written + self.held.as_deref().and_then(opus::samples).unwrap_or(0)
    }

    /// Writes a packet behind the others. A malformed one is left out.
    pub(crate) fn write(&mut self, packet: &[u8]) -> std::io::Result<()> {
        if opus::samples(packet).is_none() {
            return Ok(());
        }
        let page = if self.written - self.page_began >= PAGE {
            self.page_began = self.written;
            PacketWriteEndInfo::EndPage
        } else {
            PacketWriteEndInfo::NormalPacket
        };
        self.release(page)?;
        self.held = Some(packet.to_vec());
        Ok(())
    }

    /// Ends the stream.
    pub(crate) fn finish(mut self) -> std::io::Result<W> {
        self.release(PacketWriteEndInfo::EndStream)?;
        let mut inner = self.writer.into_inner();
        inner.flush()?;
        Ok(inner)
    }

    fn release(&mut self, end: PacketWriteEndInfo) -> std::io::Result<()> {
        let Some(packet) = self.held.take() else { return Ok(()) };
        self.written += opus::samples(&packet).unwrap_or(0);
        self.writer.write_packet(packet, SERIAL, end, self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let tone = Clip::test_tone();
        let mut writer = Writer::new(Vec::new(), 1).unwrap();
        for frame in tone.frames() {
            assert_eq!(writer.position(), frame.at);
            writer.write(&frame.payload).unwrap();
        }

        let copy = read(&writer.finish().unwrap()).unwrap();

        assert_eq!(copy.frames(), tone.frames());
        assert_eq!(copy.duration(), tone.duration());
    }
}
