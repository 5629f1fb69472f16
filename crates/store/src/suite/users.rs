//! What is kept of users.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use super::{
    Subject,
    world::{account, at},
};
use crate::{Store, User, UserChange};
use offhook_types::Opaque;

fn named(name: &str) -> UserChange {
    UserChange { name: Some(Opaque::new(name)), ..UserChange::default() }
}

pub async fn a_change_keeps_what_it_does_not_name<S: Subject>(subject: &S) {
    let store = subject.open();
    let alice = account("alice");
    let avatar = UserChange { avatar_url: Some(Opaque::new("https://a")), ..UserChange::default() };
    let extended = UserChange { extended_data: Some(Opaque::new("{}")), ..UserChange::default() };
    for change in [named("Alice"), avatar, extended, UserChange::default()] {
        store.put_user(&alice, change, at(1)).await.unwrap();
    }
    let expected = User {
        avatar_url: Opaque::new("https://a"),
        extended_data: Opaque::new("{}"),
        name: Opaque::new("Alice"),
        registered_at: at(1),
    };
    assert_eq!(store.users(&[alice]).await.unwrap()[0].as_deref(), Some(&expected));
}

pub async fn a_registered_user_is_known<S: Subject>(subject: &S) {
    let store = subject.open();
    let alice = account("alice");
    assert_eq!(store.users(std::slice::from_ref(&alice)).await, Ok(vec![None]));
    let put = store.put_user(&alice, UserChange::default(), at(3)).await.unwrap();
    assert_eq!(*put, User { registered_at: at(3), ..User::default() });
    assert_eq!(store.users(&[alice]).await, Ok(vec![Some(put)]));
}

pub async fn a_text_can_be_cleared<S: Subject>(subject: &S) {
    let store = subject.open();
    let alice = account("alice");
    store.put_user(&alice, named("Alice"), at(1)).await.unwrap();
    assert_eq!(store.put_user(&alice, named(""), at(2)).await.unwrap().name, Opaque::default());
}

pub async fn the_first_registration_counts<S: Subject>(subject: &S) {
    let store = subject.open();
    let alice = account("alice");
    store.put_user(&alice, named("Alice"), at(1)).await.unwrap();
    assert_eq!(store.put_user(&alice, named("Alice B"), at(2)).await.unwrap().registered_at, at(1));
}

pub async fn users_come_in_the_order_asked<S: Subject>(subject: &S) {
    let store = subject.open();
    for name in ["alice", "bob"] {
        store.put_user(&account(name), named(name), at(1)).await.unwrap();
    }
    let asked = ["bob", "nobody", "alice", "bob"].map(account);
    let users = store.users(&asked).await.unwrap();
    let names: Vec<_> = users.iter().map(|user| user.as_ref().map(|user| user.name.as_str())).collect();
    assert_eq!(names, [Some("bob"), None, Some("alice"), Some("bob")]);
    assert_eq!(store.users(&[]).await, Ok(vec![]));
}
