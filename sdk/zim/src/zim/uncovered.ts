// What apps most often call of the reference package and will not find here. Each rejects and says so; the rest is simply
// absent. docs/sdk/migration.md has both.

const NAMES =
  "queryUsersStatus subscribeUsersStatus queryConversationList queryConversation deleteConversation " +
  "clearConversationUnreadMessageCount queryHistoryMessage deleteMessages revokeMessage replyMessage createRoom joinRoom " +
  "leaveAllRoom queryRoomMemberList deleteRoomAttributes createGroup joinGroup leaveGroup inviteUsersIntoGroup " +
  "queryGroupList queryGroupMemberList addFriend deleteFriends queryFriendList addUsersToBlacklist queryBlacklist";

/** The names of the methods that are not covered, and say so. */
export const UNCOVERED: readonly string[] = NAMES.split(" ");
