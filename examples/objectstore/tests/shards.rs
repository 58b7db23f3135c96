//! What the store rests on: any K shards give an object back, rot is found out, files are whole or not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use objectstore::coding::Code;
use objectstore::disk::{Disk, Shard, ShardId, TaskId};
use objectstore::map::{Map, Register};
use objectstore::refusal::Refusal;

fn object(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (i * 31 + i / 256) as u8).collect()
}

fn shard(bytes: Vec<u8>) -> Shard {
    let id = ShardId { object: "holiday/photo 1.jpg".to_owned(), version: 7, index: 2 };
    Shard { id, object_bytes: 10, written_by: TaskId { epoch: 1, number: 1 }, bytes }
}

/// All subsets of `0..count`.
fn subsets(count: usize) -> impl Iterator<Item = BTreeSet<usize>> {
    (0..1_usize << count).map(move |mask| (0..count).filter(|i| mask & (1 << i) != 0).collect())
}

#[test]
fn any_k_shards_give_the_object_back_and_fewer_do_not() -> Result<(), Refusal> {
    for (enough, shards) in [(1, 2), (2, 3), (3, 5), (4, 6)] {
        let code = Code::new(enough, shards).expect("there is such a code");
        for bytes in [0, 1, 2, 5, 64, 1001, 4096] {
            let object = object(bytes);
            let cut = code.cut(&object)?;
            assert_eq!(cut.len(), shards);
            for chosen in subsets(shards) {
                let known: BTreeMap<usize, Vec<u8>> = chosen.iter().map(|i| (*i, cut[*i].clone())).collect();
                if known.len() < enough {
                    let too_few = Refusal::NotEnoughShards { good: known.len(), needed: enough };
                    assert_eq!(code.join(bytes, &known), Err(too_few));
                    continue;
                }
                assert_eq!(code.join(bytes, &known)?, object, "{enough} of {shards}, {bytes} bytes, from {chosen:?}");
                for (index, right) in cut.iter().enumerate() {
                    assert_eq!(code.rebuild(index, &known)?, *right, "shard {index} from {chosen:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn codes_that_make_no_sense_are_none() {
    for (enough, shards) in [(0, 3), (3, 3), (4, 3), (1, usize::MAX)] {
        assert_eq!(Code::new(enough, shards), None, "{enough} of {shards}");
    }
}

#[test]
fn what_is_written_is_read_and_removed() -> Result<(), Refusal> {
    let folder = tempfile::tempdir()?;
    let disk = Disk::open(folder.path())?;
    let shard = shard(object(100));
    assert_eq!(disk.read(&shard.id), Err(Refusal::NotHeld));
    disk.write(&shard)?;
    let again = Disk::open(folder.path())?;
    assert_eq!(again.read(&shard.id)?, shard);
    assert_eq!(again.shards()?, BTreeSet::from([shard.id.clone()]));
    assert!(disk.remove(&shard.id)?);
    assert!(!disk.remove(&shard.id)?, "it is gone");
    assert_eq!(again.read(&shard.id), Err(Refusal::NotHeld));
    Ok(())
}

#[test]
fn a_flipped_bit_anywhere_in_the_file_is_found() -> Result<(), Refusal> {
    let folder = tempfile::tempdir()?;
    let disk = Disk::open(folder.path())?;
    let shard = shard(object(40));
    disk.write(&shard)?;
    let file = fs::read_dir(folder.path())?.next().expect("a file")?.path();
    let bytes = fs::metadata(&file)?.len();
    for at in 0..bytes {
        disk.rot(&shard.id, at)?;
        assert_eq!(disk.read(&shard.id), Err(Refusal::Rotten), "byte {at} from the end");
        disk.rot(&shard.id, at)?; // The same bit flips back.
        assert_eq!(disk.read(&shard.id)?, shard);
    }
    for length in 0..bytes {
        fs::write(&file, &fs::read(&file)?[..length as usize])?;
        assert_eq!(disk.read(&shard.id), Err(Refusal::Rotten), "cut off after {length} bytes");
        disk.write(&shard)?;
    }
    Ok(())
}

#[test]
fn the_right_bytes_under_a_wrong_name_are_rotten() -> Result<(), Refusal> {
    let folder = tempfile::tempdir()?;
    let disk = Disk::open(folder.path())?;
    let shard = shard(object(40));
    disk.write(&shard)?;
    let file = fs::read_dir(folder.path())?.next().expect("a file")?.path();
    let name = file.file_name().expect("a name").to_string_lossy().replace("-7-", "-8-");
    fs::rename(&file, folder.path().join(name))?;
    assert_eq!(disk.read(&ShardId { version: 8, ..shard.id }), Err(Refusal::Rotten));
    Ok(())
}

#[test]
fn what_was_not_wholly_written_is_not_there() -> Result<(), Refusal> {
    let folder = tempfile::tempdir()?;
    let disk = Disk::open(folder.path())?;
    let shard = shard(object(40));
    disk.write(&shard)?;
    let file = fs::read_dir(folder.path())?.next().expect("a file")?.path();
    let mut beside = file.clone().into_os_string();
    beside.push(".new");
    fs::write(&beside, "the power goes")?;
    fs::remove_file(file)?;
    let again = Disk::open(folder.path())?;
    assert_eq!(again.shards()?, BTreeSet::new());
    assert_eq!(fs::read_dir(folder.path())?.count(), 0, "nothing is left of it");
    Ok(())
}

#[test]
fn transactions_on_the_map_see_each_other_and_a_refused_one_changes_nothing() -> Result<(), Refusal> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("map.json");
    let code = Code::new(2, 3).expect("there is such a code");
    let new = Map::new(code, &BTreeMap::from([("h1".to_owned(), "rack".to_owned())]));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let register = Register::open(&path, &new).expect("the map can be opened");
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let next = |map: &mut Map| {
                        map.epoch += 1;
                        Ok(())
                    };
                    register.transact(next).expect("nothing is in the way");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
    let register = Register::open(&path, &new)?;
    assert_eq!(register.read()?.epoch, 40);
    let refused = register.transact(|map| {
        map.epoch = 0;
        Err::<(), _>(Refusal::PlacesChanged)
    });
    assert_eq!(refused, Err(Refusal::PlacesChanged));
    assert_eq!(register.read()?.epoch, 40);
    Ok(())
}
