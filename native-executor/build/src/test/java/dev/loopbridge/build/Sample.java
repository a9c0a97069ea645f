package dev.loopbridge.build;

import java.util.List;

/** The metadata of a library that has some of everything. */
final class Sample {

  static final List<String> TEXTS =
      List.of(
          "library orders 1.2.3 0011223344556677",
          "record Item{sku:string,quantity:u32,unit_cents:i64}\n"
              + "doc \tOne line of an order.\n"
              + "doc quantity\tHow many.",
          "record NewOrder{customer:string,items:list<#Item>,note:string?}",
          "record Order{id:i64,customer:string,total_cents:i64,status:#Status,note:string?,at:time}\n"
              + "doc \tAn order, as it is kept.\\n\\n# Fields\\nSee [`Item`] and `a < b`:\\n\\n* one\\n*"
              + " two\\n\\nThe end, @me */.",
          "enum Status{Open,Shipped{carrier:string,tracking:string},Back{0:#Reason}}\n"
              + "doc \tWhere an order is.\n"
              + "doc Shipped\tOn its way.\n"
              + "doc Shipped.tracking\tThe number to ask for.",
          "enum Reason{Broken,WrongSize}\ndoc Broken\tIt broke.",
          "record Picture{name:string,pixels:bytes,histogram:list<i32>,taken:time?,id:uuid?}",
          "record Tree{name:string,class:bool,branches:list<#Tree>,by_name:map<string,list<#Tree?>>}",
          "record Nothing{}",
          "record Everything{a:i8,b:i16,c:i32,d:u8,e:u16,f:u64,g:f32,h:f64,i:char,j:duration,k:uuid,"
              + "l:list<f64>,m:#Nothing,n:list<#Nothing>,o:u64?,p:list<i64>?}",
          "object Shop\ndoc \tA shop, with its database.",
          "async Shop.open(string,{u32?})->object<Shop>\n"
              + "doc \tOpens a shop.\nparams path,functions",
          "async Shop.place(object<Shop>,{#NewOrder})->{#Order}\ndoc \tPlaces an order.\nparams order",
          "async Shop.merge(object<Shop>,object<Shop>?)->unit\nparams object",
          "async Shop.best_of(object<Shop>,object<Shop>)->object<Shop>?\nparams one,other",
          "blocking Shop.close(object<Shop>)->i64",
          "async audit(object<Shop>,fn<object<Shop>;i64>)->object<Shop>?\nparams shop,rule",
          "error OrdersError{Blocked{customer:string},Database}",
          "async place({#NewOrder})->{#Order}!OrdersError\n"
              + "doc \tPlaces an order.\\n\\nIt is kept in the database.\n"
              + "params order",
          "async orders_of(string,{u32?})->{list<#Order>}\nparams customer,at_most",
          "async find(i64)->{#Order?}\nparams id",
          "heavy checksum(bytes)->u32\nparams bytes",
          "blocking vacuum()->unit\ndoc \tMakes the file small.",
          "async add(i64,{u8?},string?,bytes?)->i64?\nparams add,by,name,bytes",
          "async reprice(string,fn<[i64+string];i64>,{list<i64>})->i64\nparams customer,rule,ids",
          "local counter(local,ref,char)->local?\nparams of,owner,sign",
          "async keep(ref,fn<ref;i64>)->ref\nparams owner,rule",
          "async mirror({#Everything},{map<string,#Picture>},{#Tree})->{list<#Picture?>}\n"
              + "params everything,pictures,tree");

  private Sample() {}

  static LibraryMetadata library() {
    return LibraryMetadata.of(TEXTS, "liborders.so", "");
  }
}
