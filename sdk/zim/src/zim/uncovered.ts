// What apps may call of the reference package and will not find here. Each rejects and says so; all are named in
// docs/sdk/migration.md.

const NAMES =
  "callExperimentalAPI updateUserCustomStatus updateUserBadge queryUsersStatus subscribeUsersStatus unsubscribeUsersStatus " +
  "querySubscribedUserStatusList queryConversationList queryConversation queryConversationPinnedList " +
  "updateConversationPinnedState deleteConversation deleteAllConversations clearConversationUnreadMessageCount " +
  "clearConversationTotalUnreadMessageCount queryConversationTotalUnreadMessageCount setConversationNotificationStatus " +
  "sendConversationMessageReceiptRead setConversationDraft setConversationMark searchLocalConversations queryHistoryMessage " +
  "queryMessages deleteMessages deleteAllMessage deleteAllConversationMessages insertMessageToLocalDB " +
  "sendMessageReceiptsRead queryMessageReceiptsInfo revokeMessage updateMessageLocalExtendedData editMessage " +
  "cancelSendingMessage searchLocalMessages searchGlobalLocalMessages addMessageReaction deleteMessageReaction " +
  "deleteMessageAllReactions queryMessageReactionUserList queryCombineMessageDetail replyMessage queryMessageRepliedList " +
  "pinMessage queryPinnedMessageList createRoom joinRoom switchRoom leaveAllRoom queryRoomMemberList queryRoomMembers " +
  "queryRoomOnlineMemberCount deleteRoomAttributes endRoomAttributesBatchOperation setRoomMembersAttributes " +
  "queryRoomMembersAttributes queryRoomMemberAttributesList createGroup dismissGroup joinGroup leaveGroup " +
  "inviteUsersIntoGroup kickGroupMembers transferGroupOwner queryGroupInfo queryGroupMemberInfo queryGroupList " +
  "queryGroupMemberList queryGroupMemberCount updateGroupName updateGroupAvatarUrl updateGroupNotice updateGroupAlias " +
  "updateGroupJoinMode updateGroupInviteMode updateGroupBeInviteMode setGroupAttributes deleteGroupAttributes " +
  "queryGroupAttributes queryGroupAllAttributes setGroupMemberRole setGroupMemberNickname muteGroup muteGroupMembers " +
  "queryGroupMemberMutedList queryGroupMessageReceiptReadMemberList queryGroupMessageReceiptUnreadMemberList " +
  "searchLocalGroups searchLocalGroupMembers sendGroupJoinApplication acceptGroupJoinApplication " +
  "rejectGroupJoinApplication sendGroupInviteApplications acceptGroupInviteApplication rejectGroupInviteApplication " +
  "queryGroupApplicationList addFriend deleteFriends checkFriendsRelation updateFriendAlias updateFriendAttributes " +
  "queryFriendsInfo queryFriendList searchLocalFriends sendFriendApplication acceptFriendApplication " +
  "rejectFriendApplication queryFriendApplicationList addUsersToBlacklist removeUsersFromBlacklist queryBlacklist " +
  "checkUserIsInBlacklist";

/** The names of the methods that are not covered. */
export const UNCOVERED: readonly string[] = NAMES.split(" ");
