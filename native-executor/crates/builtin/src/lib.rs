//! The library that comes with Loopbridge: the operations that its own tests, benchmarks and README use.

mod data;
mod failures;
#[cfg(feature = "faults")]
mod faults;
mod handlers;
mod local;
mod shared;
mod signals;
mod values;
mod waits;

loopbridge::library!(register);

fn register(functions: &mut loopbridge::Registry) {
    values::register(functions);
    waits::register(functions);
    failures::register(functions);
    handlers::register(functions);
    local::register(functions);
    shared::register(functions);
    signals::register(functions);
    #[cfg(feature = "faults")]
    faults::register(functions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_what_java_calls() {
        let mut registry = loopbridge::Registry::default();
        register(&mut registry);
        let expected = [
            "async noop()->unit",
            "async add(i64,i64)->i64",
            "async addInt(i32,i32)->i32",
            "async addDouble(f64,f64)->f64",
            "async not(bool)->bool",
            "async echo(bytes)->bytes",
            "async echoString(string)->string",
            "async echoOptionalLong(i64?)->i64?",
            "async echoOptionalInt(i32?)->i32?",
            "async echoOptionalDouble(f64?)->f64?",
            "async echoOptionalBool(bool?)->bool?",
            "async echoOptionalString(string?)->string?",
            "async echoOptionalBytes(bytes?)->bytes?",
            "async makeBytes(i64)->bytes",
            "local localMakeBytes(i64)->bytes",
            "async sumBytes(bytes)->i64",
            "async stash(bytes)->i64",
            "local localStash(bytes)->unit",
            "async unstash()->i64",
            "async sleep(i64)->unit",
            "async yieldTimes(i64)->i64",
            "async burn(i64)->unit",
            "heavy burnHeavy(i64)->unit",
            "blocking burnBlocking(i64)->unit",
            "blocking burnUntilCancelled()->unit",
            "async burning()->i64",
            "async never()->unit",
            "async hold()->unit",
            "async tryHold(i64)->bool",
            "async fail(string,i32)->unit",
            "async panic(string)->unit",
            "async panicAfterYield(string)->unit",
            "async panicInDrop(string)->unit",
            "async panicInDropPending(string)->unit",
            "local localFail(string,i32)->unit",
            "local localPanic(string)->unit",
            "local localPanicAfterYield(string)->unit",
            "local localPanicInDrop(string)->unit",
            "local localPanicInDropPending(string)->unit",
            "async panicWithNumber(i64)->i64",
            "async askCaught(fn<i64;i64>)->string",
            "async ask(i64,fn<i64;i64>)->i64",
            "async askWhenFree(i64,fn<i64;i64>)->i64",
            "async askText(string,fn<string;string>)->string",
            "async askBytes(bytes,fn<bytes;bytes>)->bytes",
            "async askOptional(string?,fn<string?;i64?>)->i64?",
            "async askSeveral(i64,string?,bytes,fn<[i64+string?+bytes+bool+f64+i32?];string>)->string",
            "async divide(i64,i64)->[i64+i64]",
            "async askNothing(fn<unit;unit>)->unit",
            "async askInTurn(i64,fn<i64;i64>)->i64",
            "async askAtOnce(i64,fn<i64;i64>)->i64",
            "async askInOrder(i64,fn<i64;i64>)->i64",
            "async askNested(i64,fn<i64;i64>)->i64",
            "async askOrGiveUp(i64,fn<i64;i64>)->bool",
            "async askWrapped(fn<i64;i64>)->i64",
            "async askInChain(i64,fn<i64;i64>)->i64",
            "local localAskInChain(i64,fn<i64;i64>)->i64",
            "async askStack(fn<i64;i64>)->string",
            "async giveBack(ref)->ref",
            "async giveBackLate(ref?)->ref?",
            "async showTo(ref,fn<ref;i64>)->i64",
            "async dropElsewhere(ref)->unit",
            "async keepObject(ref)->unit",
            "async keptObject()->ref?",
            "async showKeptTo(fn<ref?;i64>)->i64",
            "blocking forgetObject()->unit",
            "async keepHandler(fn<i64;i64>)->unit",
            "async askKept(i64)->i64",
            "async askKeptWhenFree(i64)->i64",
            "blocking forgetHandler()->unit",
            "local localAdd(i64,i64)->i64",
            "local localEcho(bytes)->bytes",
            "local localEchoOptionalLong(i64?)->i64?",
            "local localSum(bytes,i64)->i64",
            "local localSleep(i64)->unit",
            "local localStays(i64)->i64",
            "local localYieldTimes(i64)->i64",
            "local localReady(i64)->i64",
            "local localWait()->i64",
            "blocking localWake(i64)->bool",
            "local localNever()->unit",
            "local localWakesAtLast()->unit",
            "local localWatched()->unit",
            "blocking droppedAtHome()->i64",
            "blocking droppedElsewhere()->i64",
            "blocking runFromDrops()->i64",
            "local localAsk(i64,fn<i64;i64>)->i64",
            "local localAskInTurn(i64,fn<i64;i64>)->i64",
            "local counter(i64)->local",
            "local counterOrNone(i64?)->local?",
            "local count(local,i64)->i64",
            "local countLater(local,i64,i64)->i64",
            "local sameCounter(local)->local",
            "local text(string)->local",
            "async openTally(i64)->object<Tally>",
            "async openTallyLater(i64,i64)->object<Tally>",
            "local localOpenTally(i64)->object<Tally>",
            "async openTallyOrNone(i64?)->object<Tally>?",
            "async tally(object<Tally>,i64)->i64",
            "heavy heavyTally(object<Tally>,i64)->i64",
            "blocking blockingTally(object<Tally>,i64)->i64",
            "local localTally(object<Tally>,i64)->i64",
            "async tallyLater(object<Tally>,i64,i64)->i64",
            "async tallyBoth(object<Tally>,object<Tally>?)->i64",
            "async sameTally(object<Tally>)->object<Tally>",
            "async showTally(object<Tally>,fn<object<Tally>;i64>)->i64",
            "async askTally(fn<i64;i64>)->i64",
            "blocking tallyDropped(i64)->string?",
            "async openLabel(string)->object<Label>",
            "async labelText(object<Label>)->string",
            "async awaitSignal(i64)->i64",
            "local localAwaitSignal(i64)->i64",
            "blocking signal(i64,i64)->unit",
            "blocking wakeWaiting(i64,i64,i64)->i64",
            #[cfg(feature = "faults")]
            "local faultsArm(string,i64,i64,i64)->unit",
            #[cfg(feature = "faults")]
            "local faultsFired(string)->i64",
        ];
        let registered: Vec<String> = registry.signatures().collect();
        assert_eq!(registered, expected);
    }

    #[test]
    fn attributes_export_what_java_calls() {
        let mut registry = loopbridge::Registry::default();
        registry.add_exported();
        let functions: Vec<String> = registry.signatures().collect();
        let expected = [
            "async data.blobs({list<bytes>})->{list<bytes>}",
            "async data.bools({list<bool>})->{list<bool>}",
            "async data.bytes({list<i8>})->{list<i8>}",
            "async data.cents({#DataCents})->{#DataCents}",
            "async data.char(char)->char",
            "async data.color({#DataColor})->{#DataColor}",
            "async data.doubles({list<f64>})->{list<f64>}",
            "async data.duration({duration})->{duration}",
            "async data.everyType({#DataEveryType})->{#DataEveryType}",
            "async data.f32(f32)->f32",
            "async data.floats({list<f32>})->{list<f32>}",
            "async data.i16(i16)->i16",
            "async data.i8(i8)->i8",
            "async data.ints({list<i32>})->{list<i32>}",
            "async data.item({#DataItem})->{#DataItem}",
            "async data.items({list<#DataItem>})->{list<#DataItem>}",
            "async data.longs({list<i64>})->{list<i64>}",
            "async data.makeItems(u32)->{list<#DataItem>}",
            "async data.map({map<string,i64>})->{map<string,i64>}",
            "async data.mapOfRecords({map<#DataColor,#DataItem>})->{map<#DataColor,#DataItem>}",
            "async data.nothings({list<#DataNothing>})->{list<#DataNothing>}",
            "async data.optionalChar({char?})->{char?}",
            "async data.optionalItem({#DataItem?})->{#DataItem?}",
            "async data.optionalMap({map<i32,string>?})->{map<i32,string>?}",
            "async data.optionalStrings({list<string?>})->{list<string?>}",
            "async data.optionalU32({u32?})->{u32?}",
            "async data.order({#DataOrder})->{#DataOrder}",
            "async data.reprice({#DataItem},fn<[{#DataItem}+{u32?}];{#DataItem}>)->{list<#DataItem>}",
            "async data.shorts({list<i16>})->{list<i16>}",
            "async data.status({#DataStatus})->{#DataStatus}",
            "async data.strings({list<string>})->{list<string>}",
            "async data.time({time})->{time}",
            "async data.tree({#DataTree})->{#DataTree}",
            "async data.u16(u16)->u16",
            "async data.u32(u32)->u32",
            "async data.u64(u64)->u64",
            "async data.u8(u8)->u8",
            "async data.uuid({uuid})->{uuid}",
            "blocking data.sorted({list<#DataItem>})->{list<#DataItem>}",
            "heavy data.total({list<#DataItem>})->i64",
            "local data.localOrder({#DataOrder})->{#DataOrder}",
        ];
        assert_eq!(functions, expected);
        let types: Vec<&str> = registry.types().collect();
        let every = "record DataEveryType{flag:bool,i8:i8,i16:i16,i32:i32,i64:i64,u8:u8,u16:u16,u32:u32,u64:u64,f32:f32,\
            f64:f64,char:char,string:string,bytes:bytes,duration:duration,time:time,uuid:uuid,color:#DataColor,\
            optional:i32?,longs:list<i64>,names:map<string,list<#DataColor?>>}";
        let expected = [
            "enum DataColor{Red,Green,Blue}",
            "enum DataStatus{Open,Shipped{carrier:string,tracking:string},Returned{0:string?,1:u8}}",
            "record DataCents{0:i64}",
            every,
            "record DataItem{sku:string,quantity:u32,unit_cents:i64}",
            "record DataNothing{}",
            "record DataOrder{id:i64,customer:string,items:list<#DataItem>,status:#DataStatus,note:string?}",
            "record DataTree{label:string,children:list<#DataTree>,twin:#DataTree?}",
        ];
        assert_eq!(types, expected);
    }
}
